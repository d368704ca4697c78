import type { HealthEvidence } from '../../functions/contract/health-state.ts';
import { allOn } from '../rehearsal/invariants.ts';
import { brokenByStartup } from '../rehearsal/invariants-startup.ts';
import type { Rehearsal } from '../rehearsal/run.ts';
import { type AnyOutcome, type RunRecord, recordRun } from '../rehearsal/run-record.ts';
import type { Sandbox } from '../rehearsal/sandbox.ts';
import type { SweepCase } from './case.ts';
import { evidenceOf, withConfirmation } from './evidence.ts';
import { certificateOf, ENDS_THE_FUNCTION, LASTING, type LastingFault, NAMED, statesTold } from './judge.ts';
import { secretsFound } from './secrets.ts';
import { unlawfulCalls } from './startup-calls.ts';

type Execution = Rehearsal['execution'];

/** The mail that tells the operators of each end of a start-up. */
const OPERATORS_HEAR: Partial<Record<AnyOutcome, string>> = {
  succeeded: 'started-up',
  'already-on': 'already-on',
  'partly-on': 'partly-on',
  failed: 'startup-not-begun',
  refused: 'startup-not-begun',
};

/** Ends at which nothing is left to be done. */
const GOOD: AnyOutcome[] = ['succeeded', 'already-on'];

/**
 * Looks from the outside at a start-up and at the one after it: the invariants, what the start-ups called, and whether everything that
 * tells of them tells the truth and the same.
 *
 * @returns a sentence for each thing that does not hold.
 */
export async function judgeStartup(
  { record: certified, broken, execution, shutdown, aftermath, askedAt }: Rehearsal,
  sandbox: Sandbox,
  { faults, outcome: expected, startup }: SweepCase,
  { out, canary }: { out: string; canary: string },
): Promise<string[]> {
  if (shutdown?.record.outcome !== 'succeeded')
    return [`the shutdown before ended as "${shutdown?.record.outcome}"`, ...(shutdown?.broken ?? [])];
  const again = aftermath.at(-1)?.run;
  const second = sandbox.executions.all.get(again?.arn ?? '');
  if (second === undefined) throw new Error('no start-up followed the one with faults');
  const { name } = sandbox.executions.deployment.config;
  const broke = new Broke(faults);
  const record = await withConfirmation(certified, out, name);
  const later = await withConfirmation(await recordRun(sandbox, second, out, name), out, name);
  const laterBroken = await brokenByStartup(later, sandbox, out);
  const wrong = [
    ...broken.filter(
      (sentence) =>
        !(broke.closing && sentence.startsWith('2: left behind: lock')) &&
        // Nobody could be told, and the next start-up tells them.
        !(broke.mail && sentence.startsWith('6: users were told')),
    ),
    ...(await told({ record, execution }, sandbox, broke, out)),
    ...(await letIn(record, sandbox, broke, out)),
    ...(expected === undefined || record.outcome === expected
      ? []
      : [`the start-up ended as "${record.outcome}" (${record.error?.name}), expected "${expected}"`]),
    ...unlawfulCalls(sandbox, askedAt, name),
    ...[...new Set(sandbox.connections?.hung)].map(
      (step) => `time: nothing but Lambda's time-out ended a connection that hung in ${step}`,
    ),
    ...others(sandbox, execution, second),
    ...laterBroken.map((sentence) => `after the second: ${sentence}`),
    ...(await told({ record: later, execution: second }, sandbox, broke.forEver, out)).map(
      (sentence) => `of the second: ${sentence}`,
    ),
    ...(await secretsFound(sandbox, out, canary)),
  ];
  const isSnapshotThere = [
    ...sandbox.databases.snapshots.values(),
    ...sandbox.databases.clusterSnapshots.values(),
  ].some(
    ({ identifier, status }) => identifier === shutdown.record.snapshot?.identifier && status === 'available',
  );
  if (!isSnapshotThere) wrong.push('4: the snapshot of the shutdown is not there any more');
  wrong.push(...broughtBack(record, later, startup?.again, broke));
  wrong.push(...promiseTold(record, sandbox, broke));
  if (GOOD.includes(later.outcome)) wrong.push(...usersTold(sandbox));
  return wrong;
}

/** What the faults of a case have broken until they were mended. */
class Broke {
  readonly #lasting: LastingFault[];
  readonly #all: { world?: string; function?: string; service?: string; invocation?: string }[];

  constructor(faults: object[]) {
    this.#all = faults;
    this.#lasting = faults.filter((fault): fault is LastingFault => {
      const { times, service, function: step } = fault as Partial<LastingFault> & { times?: number };
      return service !== undefined && step !== undefined && (times ?? 1) > LASTING;
    });
  }

  /** What nobody can mend. */
  get forEver(): Broke {
    return new Broke(this.doors ? this.#all.filter(({ world }) => world !== undefined) : []);
  }

  /** Whoever closes a run cannot: the alarm of the failed execution tells it, and the hour cleans up. */
  get closing(): boolean {
    return this.#lasting.some(
      ({ function: step, service, kind }) =>
        step === 'report' && (service === 's3' || service === 'states' || ENDS_THE_FUNCTION.has(kind)),
    );
  }

  get mail(): boolean {
    return this.closing || this.#lasting.some(({ service }) => service === 'ses');
  }

  /** Something may be told twice: who was killed or heard no answer tells again. */
  get telling(): boolean {
    return this.#all.some(
      (fault) => fault.service === 'ses' || fault.function === 'report' || fault.invocation === 'report',
    );
  }

  /** Something else than a run opens the doors, or takes away what shuts them. */
  get doors(): boolean {
    return this.#all.some(({ world }) => world === 'flag-lost' || world === 'server-replaced');
  }
}

/** All that tells of a start-up tells the truth and the same. */
async function told(
  { record, execution }: { record: RunRecord; execution: Execution },
  sandbox: Sandbox,
  broke: Broke,
  out: string,
): Promise<string[]> {
  const wrong: string[] = [];
  const say = (holds: boolean, sentence: string): void => {
    if (!holds) wrong.push(`truth: ${sentence}`);
  };
  const { outcome, runId } = record;
  const { config } = sandbox.executions.deployment;
  const certificate = await certificateOf(out, execution.arn);
  const { error, status } = execution;
  // Who stops an execution that has closed itself changes nothing of that.
  const isStopped = status === 'ABORTED';
  say(status !== 'RUNNING', 'the execution never ended');
  say(
    (status === 'SUCCEEDED') === GOOD.includes(outcome) || broke.closing || isStopped,
    `the execution is ${status}, the outcome "${outcome}"`,
  );
  say(
    error === undefined || NAMED.test(error),
    `the start-up failed with an error that has no name of its own: ${error} (${execution.cause})`,
  );
  say(certificate !== undefined || broke.closing, 'no certificate was stored');
  if (certificate === undefined) return wrong;
  if (error !== undefined && !isStopped && !broke.closing)
    say(
      certificate.failure?.Error === error,
      `the certificate tells of ${certificate.failure?.Error}, the execution of ${error}`,
    );
  wrong.push(...statesTold(certificate, record, config));
  const maintenance = certificate.resources.find(({ kind }) => kind === 'maintenance')?.state;
  say(
    maintenance === undefined ||
      maintenance === 'unknown' ||
      broke.doors ||
      (maintenance === 'on') === record.resources.maintenance,
    `the certificate says maintenance mode is ${maintenance}, it is ${record.resources.maintenance ? 'on' : 'off'}`,
  );
  const mails = sandbox.mailbox.mails.filter((mail) => mail.runId === runId);
  const kinds = new Set(mails.map(({ kind }) => kind));
  const heard = OPERATORS_HEAR[outcome] ?? '';
  for (const kind of Object.values(OPERATORS_HEAR))
    say(kind === heard || !kinds.has(kind), `a mail "${kind}" was sent, the outcome is "${outcome}"`);
  say(outcome === 'succeeded' || !kinds.has('back'), `users heard "back", the outcome is "${outcome}"`);
  for (const [people, kind] of [
    [config.notices.operators, heard],
    [config.notices.users, outcome === 'succeeded' ? 'back' : undefined],
  ] as const) {
    if (kind === undefined) continue;
    for (const { address } of people) {
      const times = mails.filter((mail) => mail.kind === kind && mail.to.includes(address)).length;
      say(times > 0 || broke.mail, `somebody was not told "${kind}"`);
      say(times < 2 || broke.telling, `somebody was told "${kind}" ${times} times`);
    }
  }
  return wrong;
}

/** Invariant 7: the doors open to a system that was seen healthy and whose data are known. */
async function letIn(record: RunRecord, sandbox: Sandbox, broke: Broke, out: string): Promise<string[]> {
  const { executionArn, confirmation, resources } = record;
  const { name } = sandbox.executions.deployment.config;
  const isOpen = !resources.maintenance && record.outcome !== 'already-on';
  if (!isOpen || broke.doors) return [];
  const wrong: string[] = [];
  const health = await evidenceOf<HealthEvidence>(out, name, executionArn, 'health.json');
  const red = (health?.checks ?? []).filter(({ green }) => !green).map(({ name: check }) => check);
  if (health === undefined || red.length > 0)
    wrong.push(
      `7: the doors are open, and ${health === undefined ? 'no health check was made' : `not green: ${red.join(', ')}`}`,
    );
  if (confirmation?.equal !== true && confirmation?.accepted === undefined)
    wrong.push('7: the doors are open, and the data are neither confirmed nor accepted');
  const certificate = await certificateOf(out, record.executionArn);
  const says = certificate?.resources.find(({ kind }) => kind === 'maintenance')?.state;
  // An opening that was not seen to end: the certificate says that nobody knows.
  if (record.backAt === undefined && says !== 'unknown' && !broke.closing)
    wrong.push('7: the doors are open, and the certificate does not say so');
  return wrong;
}

/** The second start-up ends with everything on, or names what cannot be mended. */
function broughtBack(
  first: RunRecord,
  second: RunRecord,
  expected: AnyOutcome | undefined,
  broke: Broke,
): string[] {
  const wrong: string[] = [];
  const { outcome, error } = second;
  const isKnown = (confirmation: RunRecord['confirmation']): boolean =>
    confirmation?.equal === true || confirmation?.accepted !== undefined;
  const good = first.outcome === 'succeeded' && !broke.telling ? (['already-on'] as AnyOutcome[]) : GOOD;
  if (expected === undefined ? !good.includes(outcome) : outcome !== expected && !GOOD.includes(outcome))
    wrong.push(
      `the second start-up ended as "${outcome}" (${error?.name}: ${error?.message}), after "${first.outcome}"`,
    );
  if (!GOOD.includes(outcome)) return wrong;
  if (!allOn(second) && expected === undefined)
    wrong.push('3: after the second start-up not everything is on');
  if (second.resources.maintenance) wrong.push('2: after the second start-up maintenance mode is on');
  if (!isKnown(first.confirmation) && !isKnown(second.confirmation))
    wrong.push('7: after the second start-up the data are neither confirmed nor accepted');
  return wrong;
}

/** Invariant 6: whoever was told that the system goes away has heard that it is back. */
function usersTold({ mailbox: { mails } }: Sandbox): string[] {
  const of = (kind: string): Set<string> =>
    new Set(mails.filter((mail) => mail.kind === kind).flatMap(({ to }) => to));
  const back = of('back');
  const untold = [...of('announcement')].filter((address) => !back.has(address));
  return untold.length === 0
    ? []
    : [`6: of those who were told that it goes away, ${untold.length} never heard that it is back`];
}

/** Users hear this long before the promised time that it will not hold, in milliseconds (docs/design.md). */
const LATE_NOTICE = 10 * 60_000;

/** Doors that open so long after the promised time, in milliseconds, are late beyond doubt: a function that hangs takes 15 minutes of it. */
const BEYOND_DOUBT = 30 * 60_000;

/** The promise that users were told: they hear once that it will not hold, not too soon, and nobody who is back hears it. */
function promiseTold(
  { outcome, promise, backAt }: RunRecord,
  { mailbox: { mails }, executions }: Sandbox,
  broke: Broke,
): string[] {
  if (promise === undefined || !['succeeded', 'partly-on'].includes(outcome)) return [];
  const wrong: string[] = [];
  const promised = Date.parse(promise);
  const late = mails.filter(({ kind }) => kind === 'late');
  const isLate = backAt === undefined || Date.parse(backAt) > promised + BEYOND_DOUBT;
  const back = mails.find(({ kind }) => kind === 'back');
  for (const { address } of executions.deployment.config.notices.users) {
    const heard = late.filter(({ to }) => to.includes(address)).length;
    if (isLate && heard === 0 && !broke.mail && !broke.doors)
      wrong.push('6: the promise did not hold, and somebody who was told it never heard that');
    if (heard > 1 && !broke.telling)
      wrong.push(`6: somebody heard ${heard} times that the promise will not hold`);
  }
  for (const { at } of late) {
    if (outcome === 'succeeded' && Date.parse(at) < promised - LATE_NOTICE)
      wrong.push(`6: users heard at ${at} that the promise of ${promise} will not hold`);
    // Where SES answers nothing, nobody knows that they have heard "back".
    if (back !== undefined && at > back.at && !broke.mail) wrong.push('6: users heard "late" after "back"');
  }
  return wrong;
}

/** Another start-up beside the first one is refused by name, or finds it over. */
function others({ executions }: Sandbox, first: Execution, second: Execution): string[] {
  return [...executions.all.values()]
    .filter((each) => each.machine.arn === first.machine.arn && each !== first && each !== second)
    .filter(
      ({ status, error, cause }) =>
        status !== 'SUCCEEDED' && !(error === 'RunInProgress' && cause?.includes(first.arn) === true),
    )
    .map(({ status, error, cause }) => `lock: another start-up ended as ${status} (${error}: ${cause})`);
}
