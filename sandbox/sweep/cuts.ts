import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ErrorName } from '../../functions/contract/errors.ts';
import { EvidenceKey, RESOURCE_PREFIX, ResourceTag } from '../../functions/contract/keys.ts';
import type { Aftermath } from '../rehearsal/aftermath.ts';
import { allOff, allOn, brokenInvariants } from '../rehearsal/invariants.ts';
import type { Rehearsal } from '../rehearsal/run.ts';
import { type RunRecord, recordRun } from '../rehearsal/run-record.ts';
import type { Sandbox } from '../rehearsal/sandbox.ts';
import type { Recording, SweepCase } from './case.ts';
import { generator } from './cases.ts';

/**
 * How long the world is left to what watches over it, in hours: a lost event is made up for within one, a run is over for the sweeper after two,
 * and a test volume needs two of its rounds.
 */
const LEFT_ALONE_HOURS = 6;

/** Errors of a run that was refused, and that touched nothing. */
const REFUSALS: string[] = [ErrorName.PlanRejected, ErrorName.RunInProgress];

/**
 * `count` runs in which everything stops at once at a random call, the same for the same seed: before or after the call takes effect, aborted or out
 * of time, with EventBridge's event or without it. Then hours pass, and the system is shut down again.
 */
export function cuts({ calls }: Recording, count: number, seed: number): SweepCase[] {
  const random = generator(seed);
  const either = <Choice>(one: Choice, other: Choice): Choice => (random() < 0.5 ? one : other);
  const functionCalls = calls.filter((call) => call.function !== 'operator');
  return Array.from({ length: count }, (): SweepCase => {
    const call = 1 + Math.floor(random() * functionCalls.length);
    const when = either('before', 'after');
    const status = either('ABORTED', 'TIMED_OUT');
    const event = either('told', 'lost');
    return {
      id: `cut ${when} call ${call}, ${status}, event ${event}`,
      faults: [{ world: 'everything-stops', call, when, status, event }],
      after: [{ hours: LEFT_ALONE_HOURS }, { run: {} }],
    };
  });
}

/**
 * Looks from the outside at what a run left that was cut off, hours later and after the run that followed it: nothing is left behind, the system
 * is fully on or off or the operators know which parts are, nothing is off without a verified snapshot, every snapshot belongs to a run that the
 * evidence knows, and the next run shuts the system down or says what is to be done first.
 *
 * @returns a sentence for each thing that does not hold.
 */
export async function judgeCut(
  { execution, aftermath }: Rehearsal,
  sandbox: Sandbox,
  out: string,
): Promise<string[]> {
  const [hoursLater, again] = aftermath;
  if (hoursLater === undefined || again?.run === undefined)
    throw new Error('no run followed the one that was cut off');
  const { name, verification } = sandbox.executions.deployment.config;
  const cut = { ...(await recordRun(sandbox, execution, out, name)), resources: hoursLater.resources };
  const wrong = [
    ...left('hours later', hoursLater, cut),
    ...peopleTold(cut, sandbox),
    ...snapshotsUnaccounted(sandbox, out),
    ...sandbox.bus.undelivered.map((error) => `an event was given up: ${error.message}`),
  ];
  if (execution.status === 'RUNNING' || execution.status === 'SUCCEEDED')
    wrong.push(`the execution that was cut off is ${execution.status}`);
  const off = ['stopping', 'stopped'].includes(cut.resources.database);
  if (off && cut.snapshot?.verified !== true)
    wrong.push('1: the database is off, but the run that was cut off has no verified snapshot');

  const next = sandbox.executions.all.get(again.run.arn);
  if (next === undefined) throw new Error('the execution of the next run is not known');
  wrong.push(...nextRun(again, allOn(cut)));
  if (next.status === 'SUCCEEDED') {
    const second = await recordRun(sandbox, next, out, name);
    if (second.outcome === 'already-off') return [...wrong, ...offAlready(second, sandbox)];
    for (const sentence of await brokenInvariants(second, sandbox, out, verification))
      wrong.push(`after the next run: ${sentence}`);
    if (second.outcome !== 'succeeded' || !allOff(second))
      wrong.push(`the next run succeeded, but its outcome is "${second.outcome}"`);
  } else wrong.push(...left('after the refused run', again, { ...cut, resources: again.resources }));
  return wrong;
}

/** It claims what the run before has proved: everything is off, and that run's snapshot is there. */
function offAlready(second: RunRecord, { databases }: Sandbox): string[] {
  const identifier = second.alreadyOff?.snapshot ?? '';
  const snapshot = databases.snapshots.get(identifier) ?? databases.clusterSnapshots.get(identifier);
  return allOff(second) && snapshot?.status === 'available'
    ? []
    : ['the next run says that it is off already, but not everything is, or the snapshot is not there'];
}

/** What nobody is to find when nothing runs any more. */
function left(when: string, { resources }: Aftermath, record: RunRecord): string[] {
  const items = [
    ...resources.testInstances.map((id) => `test instance ${id}`),
    ...resources.testVolumes.map((id) => `test volume ${id}`),
    ...resources.locks.map((lock) => `lock ${lock}`),
    ...(resources.maintenance && allOn(record) ? ['maintenance mode'] : []),
  ];
  return items.length === 0 ? [] : [`2: left behind ${when}: ${items.join(', ')}`];
}

/** Whoever was told that the system goes off hears what came of it, and what is partly off the operators know. */
function peopleTold(record: RunRecord, { mailbox, executions }: Sandbox): string[] {
  const wrong: string[] = [];
  const { operators, users } = executions.deployment.config.notices;
  const told = (address: string, kinds: string[]): boolean =>
    mailbox.mails.some(
      (mail) => kinds.includes(mail.kind) && mail.runId === record.runId && mail.to.includes(address),
    );
  const isPartly = !allOn(record) && !allOff(record);
  if (isPartly && record.runId === '')
    wrong.push('3: neither fully on nor fully off, and nobody closed the run');
  if (record.runId === '') return wrong;
  for (const { address } of operators) {
    if (isPartly && !told(address, ['partly-off']))
      wrong.push('3: neither fully on nor fully off, and an operator was not told so');
    if (!told(address, ['partly-off', 'rolled-back', 'not-begun', 'shut-down']))
      wrong.push('truth: an operator was not told how the run ended');
  }
  for (const { address } of users)
    if (allOn(record) && told(address, ['announcement']) && !told(address, ['called-off']))
      wrong.push('truth: a user who was told of the shutdown was not told that it does not take place');
  return wrong;
}

/** A snapshot that no run's evidence tells of would be kept, and paid for, for ever. */
function snapshotsUnaccounted({ databases, servers, executions }: Sandbox, out: string): string[] {
  const { name } = executions.deployment.config;
  const isKnown = (runId: string): boolean =>
    runId !== '' && existsSync(join(out, 'evidence', EvidenceKey.certificate(name, runId)));
  const ofDatabase = [...databases.snapshots.keys(), ...databases.clusterSnapshots.keys()]
    .filter((identifier) => !isKnown(identifier.slice(`${RESOURCE_PREFIX}-${name}-`.length)))
    .map((identifier) => `snapshot ${identifier}`);
  // Without the tag it is none of ours: somebody's own backup plan.
  const ofVolumes = [...servers.volumes.snapshots.values()]
    .filter(({ tags }) => tags.some(({ Key, Value = '' }) => Key === ResourceTag.Run && !isKnown(Value)))
    .map(({ snapshotId }) => `volume snapshot ${snapshotId}`);
  return [...ofDatabase, ...ofVolumes].map(
    (snapshot) => `unaccounted: no certificate tells of the run of ${snapshot}`,
  );
}

/** A system that is on is shut down by the next run; where it is not, the run may be refused, and says what is to be done first. */
function nextRun({ run }: Aftermath, wasOn: boolean): string[] {
  const { status, error, cause } = run ?? {};
  if (status === 'SUCCEEDED') return [];
  const how = `the next run ended as ${status} (${error}: ${cause})`;
  if (wasOn) return [`${how}, though everything was on`];
  if (!REFUSALS.includes(error ?? '')) return [`${how}, not refused by its plan`];
  return cause?.includes('expected') === true ? [] : [`${how}, which does not say what is to be done`];
}
