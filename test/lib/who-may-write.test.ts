import { expect, it } from 'vitest';
import { ONCE, put, type Row, RUN, remove } from '../support/iam/arns.ts';
import { whoMayInAny } from '../support/iam/who-may.ts';

/** Who may write evidence, locks, marks and approvals, start runs and send commands: as in the table of who-may.test.ts. */
const TABLE: Row[] = [
  // Evidence.
  ['write the certificate', (a) => put(a.evidence('certificate.json')), ['report']],
  ['write the mark of a closed run', (a) => put(a.evidence('closed.json')), ['report']],
  ['write the report', (a) => put(a.evidence('report.html')), ['report']],
  ['write the plan', (a) => put(a.evidence('plan.json')), ['plan', 'wake']],
  ['write what came back', (a) => put(a.evidence('confirmation.json')), ['verify']],
  ['write that it is late', (a) => put(a.evidence('late.json')), ['announce', 'report']],
  ['write the announcement', (a) => put(a.evidence('announcement.json')), ['announce']],
  ['write what the services were before', (a) => put(a.evidence('services-before.json'), ONCE), ['services']],
  ['write over what the services were before', (a) => put(a.evidence('services-before.json')), []],
  ['write what the source holds', (a) => put(a.evidence('manifest-source.json')), ['manifest']],
  ['write what the copy holds', (a) => put(a.evidence('manifest-restored.json')), ['verify']],
  ['write the comparison', (a) => put(a.evidence('verification.json')), ['verify']],
  ['write the engine’s check', (a) => put(a.evidence('engine-check.json')), ['verify']],
  ['write a batch of the source', (a) => put(a.evidence('batches/source/00001.json')), ['manifest']],
  ['write a batch of the copy', (a) => put(a.evidence('batches/restored/00001.json')), ['verify']],
  ['write what is in the volumes', (a) => put(a.evidence('files-source.json')), ['volumes']],
  ['write the comparison of the volumes', (a) => put(a.evidence('files-verification.json')), ['volumes']],
  ['write what was deleted of a run', (a) => put(a.evidence('retention.json')), ['tidy']],
  ['write anything else of a run', (a) => put(a.evidence('anything.json'), ONCE), []],
  ['write over a part of a run’s state', (a) => put(a.object(`state/crm/${RUN}/0.json`)), []],
  ['delete a part of a run’s state', (a) => remove(a.object(`state/crm/${RUN}/0.json`)), []],
  ['write a part of another system’s state', (a) => put(a.object(`state/erp/${RUN}/0.json`), ONCE), []],
  ['delete the certificate', (a) => remove(a.evidence('certificate.json')), []],
  [
    'delete a version of the certificate',
    (a) => ({ action: 's3:DeleteObjectVersion', resource: a.evidence('certificate.json') }),
    [],
  ],
  [
    'change the bucket’s policy',
    (a) => ({ action: 's3:PutBucketPolicy', resource: a.object('').slice(0, -1) }),
    [],
  ],
  [
    'change the bucket’s lifecycle',
    (a) => ({ action: 's3:PutLifecycleConfiguration', resource: a.object('').slice(0, -1) }),
    [],
  ],
  // The lock, the mark, approvals.
  ['take the lock', (a) => put(a.object('locks/crm')), ['plan', 'recover', 'wake']],
  ['release the lock', (a) => remove(a.object('locks/crm')), ['recover', 'report']],
  [
    'say what the system is meant to be',
    (a) => put(a.object('intent/crm')),
    ['api', 'keep', 'plan', 'report', 'wake'],
  ],
  ['delete the mark of what the system is meant to be', (a) => remove(a.object('intent/crm')), []],
  ['write what was learned of durations', (a) => put(a.object('durations/crm')), ['report']],
  ['say what became of a planned time', (a) => put(a.object('schedule/crm/planner.json')), ['planner']],
  ['hold the system', (a) => put(a.object('holds/crm.json')), ['api']],
  ['ask for an approval', (a) => put(a.object(`approvals/crm/${RUN}`)), ['approve']],
  [
    'read the token of an approval',
    (a) => ({ action: 's3:GetObject', resource: a.object(`approvals/crm/${RUN}`) }),
    ['api'],
  ],
  ['say who asked', (a) => put(a.object(`requests/crm/${RUN}`), ONCE), ['api', 'planner']],
  ['say anew who asked', (a) => put(a.object(`requests/crm/${RUN}`)), []],
  ['say who approved', (a) => put(a.object(`answers/crm/${RUN}`)), ['api']],
  ['answer an approval', () => ({ action: 'states:SendTaskSuccess', resource: '*' }), ['api']],
  // Runs and commands. The machine itself starts and stops the executions of its own distributed Maps:
  // https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
  [
    'start a run',
    (a) => ({ action: 'states:StartExecution', resource: a.machine('Shutdown') }),
    ['ShutdownRole', 'api', 'planner'],
  ],
  [
    'start a start-up',
    (a) => ({ action: 'states:StartExecution', resource: a.machine('Startup') }),
    ['StartupRole', 'api', 'planner'],
  ],
  [
    'start a clean-up',
    (a) => ({ action: 'states:StartExecution', resource: a.machine('CleanUp') }),
    ['watch'],
  ],
  [
    'stop what was started',
    (a) => ({ action: 'states:StartExecution', resource: a.machine('KeepStopped') }),
    ['api', 'watch'],
  ],
  [
    'stop an execution',
    (a) => ({
      action: 'states:StopExecution',
      resource: a.of('states', 'execution:LightsOut-crm-Shutdown:x'),
    }),
    ['ShutdownRole'],
  ],
  [
    'stop and start services',
    (a) => ({ action: 'ssm:SendCommand', resource: a.document('LightsOut-crm-Services') }),
    ['services'],
  ],
  [
    'switch maintenance mode',
    (a) => ({ action: 'ssm:SendCommand', resource: a.document('LightsOut-crm-Maintenance') }),
    ['drain'],
  ],
  [
    'read the files of volumes',
    (a) => ({ action: 'ssm:SendCommand', resource: a.document('LightsOut-crm-Volumes') }),
    ['volumes'],
  ],
  [
    'install patches',
    (a) => ({ action: 'ssm:SendCommand', resource: a.document('AWS-RunPatchBaseline', '') }),
    ['update'],
  ],
  [
    'run any script on a server',
    (a) => ({ action: 'ssm:SendCommand', resource: a.document('AWS-RunShellScript', '') }),
    [],
  ],
  [
    'send a command to another server',
    (a) => ({ action: 'ssm:SendCommand', resource: a.instance('i-0ffffffffffffffff') }),
    [],
  ],
];

it.each(TABLE)('%s', (_deed, of, who) => {
  expect(whoMayInAny(of)).toEqual(who);
});
