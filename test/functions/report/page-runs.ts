import type { PlannedFiles } from '../../../functions/contract/volumes-state.ts';
import { plan, system } from '../fixtures.ts';
import { folder } from './evidence.ts';
import { dryRun, notBegun, partlyOff, type RunFixture, rolledBack, succeeded } from './runs.ts';

export { type RunFixture, succeeded };

/** The same run with more notice: what came after the users were told comes so much later. */
export function longNotice(hours = 24): RunFixture {
  const run = succeeded();
  const later = hours * 3600_000;
  const told = run.events.findIndex((event) => event.stateExitedEventDetails?.name === 'Announce');
  const at = new Date(Date.parse(run.state.run?.at ?? '') + later - 30 * 60_000).toISOString();
  return {
    ...run,
    state: { ...run.state, ...(run.state.run === undefined ? {} : { run: { ...run.state.run, at } }) },
    events: run.events.map((event, index) =>
      index < told || event.timestamp === undefined
        ? event
        : { ...event, timestamp: new Date(event.timestamp.getTime() + later) },
    ),
    closedAt: new Date(Date.parse(run.closedAt) + later).toISOString(),
  };
}

const files: PlannedFiles = {
  backup: 'verify',
  servers: [],
  zones: {},
  notCovered: [
    { object: 'volume vol-0eeeeeeeeeeeeeee1 (/dev/sdz of web-1)', reason: 'files.excludeVolumes names it' },
    {
      object: 'volume vol-0aaaaaaaaaaaaaaa1 (/dev/xvda of web-1)',
      reason: 'in the snapshot, but not compared: boot volume',
      inSnapshot: 'vol-0aaaaaaaaaaaaaaa1',
    },
  ],
};

/** A run with two volumes, of which the boot volume cannot be compared. */
export function withFiles(run: RunFixture, compared = true): RunFixture {
  const config = system({ ...run.config, files: { backup: 'verify' } });
  const planned = run.state.plan === undefined ? {} : { plan: { ...run.state.plan, files } };
  const volume = (volumeId: string, boot: boolean) => ({
    server: 'web-1',
    volumeId,
    snapshotId: `snap-${volumeId.slice(4)}`,
    device: boot ? '/dev/xvda' : '/dev/sdf',
    sizeGib: 32,
    boot,
    state: 'completed',
    percent: 100,
  });
  return {
    ...run,
    config,
    state: { ...run.state, config, ...planned },
    evidence: {
      ...run.evidence,
      [`${folder}/volumes.json`]: {
        snapshots: [volume('vol-0aaaaaaaaaaaaaaa2', false)],
        notCovered: files.notCovered,
      },
      ...(compared
        ? {
            [`${folder}/files-verification.json`]: {
              equal: true,
              contents: false,
              comparedAt: '2026-11-27T14:20:00.000Z',
              compared: [
                {
                  server: 'web-1',
                  volumeId: 'vol-0aaaaaaaaaaaaaaa2',
                  part: '0',
                  filesystem: 'xfs',
                  files: 288,
                  size: 343_447,
                  digest: 'c'.repeat(64),
                  equal: true,
                },
              ],
              differences: [],
              notCompared: [{ object: 'volume vol-0aaaaaaaaaaaaaaa1 of web-1', reason: 'boot volume' }],
            },
          }
        : {}),
    },
  };
}

/** A plan that was refused for as many reasons as a badly kept system has. */
function manyReasons(): RunFixture {
  const run = notBegun();
  const reasons = Array.from({ length: 24 }, (_, index) => ({
    resource: `service crm-a-service-with-a-rather-long-name-${index} on application-server-${index}`,
    problem: `its unit file is "masked"; expected "enabled" (/usr/lib/systemd/system/crm-a-service-with-a-rather-long-name-${index}.service)`,
    remedy: 'unmask it with: systemctl unmask, or take it out of the configuration',
  }));
  return { ...run, state: { ...run.state, plan: plan({ reasons }) } };
}

function alreadyOff(): RunFixture {
  const run = dryRun();
  const proof = {
    run: '20261120-1330-00000000',
    since: '2026-11-20T15:00:00.000Z',
    snapshot: 'lights-out-crm-20261120-1330-00000000',
    verified: true,
    seenAt: '2026-11-27T13:30:05.000Z',
    startedSince: false,
  };
  const state = { ...run.state, plan: plan({ alreadyOff: proof }) };
  return {
    ...run,
    state: { ...state, ...(state.run === undefined ? {} : { run: { ...state.run, dryRun: false } }) },
    instances: { 'crm-db': 'stopped' },
    servers: { 'web-1': 'stopped', 'app-1': 'stopped' },
  };
}

function denied(): RunFixture {
  const run = notBegun();
  return {
    ...run,
    state: {
      ...run.state,
      plan: plan({}),
      failure: {
        Error: 'ApprovalDenied',
        Cause:
          '{"errorMessage":"arn:aws:sts::123456789012:assumed-role/HeadOfOperations/li.wei said no: month end"}',
      },
    },
  };
}

/** A run of each kind that people read of. */
export const pageRuns: [string, () => RunFixture][] = [
  ['succeeded', () => withFiles(succeeded())],
  ['succeeded after a day of notice', longNotice],
  ['partly off', partlyOff],
  ['rolled back', rolledBack],
  ['not begun', notBegun],
  ['not begun, for many reasons', manyReasons],
  ['already off', alreadyOff],
  ['denied', denied],
  ['dry run', dryRun],
];
