import type { Outcome } from '../../functions/contract/state.ts';
import type { AfterStep } from '../rehearsal/aftermath.ts';
import { allOn } from '../rehearsal/invariants.ts';
import type { EndedRun, Rehearsal } from '../rehearsal/run.ts';
import type { Sandbox } from '../rehearsal/sandbox.ts';
import type { Recording, SweepCase } from './case.ts';
import { judge } from './judge.ts';

/** An operator stops the execution at a state and redrives it at once, before CleanUp looks, or while CleanUp is at work. */
export function redrivenAborts({ states }: Recording): SweepCase[] {
  return [0, 60].flatMap((redriven) =>
    states.map(
      (at): SweepCase => ({
        id: `world operator-aborts at ${at} and redrives ${redriven === 0 ? 'at once' : `after ${redriven} s`}`,
        faults: [{ world: 'operator-aborts', at, redriven }],
      }),
    ),
  );
}

/** Of a run that did not succeed: what was broken is mended, and an operator redrives it. */
export function mendAndRedrive({ record }: EndedRun): AfterStep[] {
  return record.outcome === 'succeeded' && record.error === undefined
    ? []
    : [{ mend: true }, { redrive: true }];
}

/** Errors of a redriven run that was not let go on: nothing was touched, and what was told before still holds. */
const SHUT_OUT = ['LockLost', 'RedriveRefused', 'RunInProgress'];

/** Mails that say how a run ended. */
const OUTCOME_MAIL = /^(shut-down|rolled-back|called-off|not-begun|partly-off)$/;

/** What only reads. */
const READS = /^(Get|Describe|List|Head)/;

/**
 * Looks at what became of a redriven run, as {@link judge} does at any other, and whether it made the best of its second chance.
 *
 * @returns how it ended, before and after, and a sentence for each thing that does not hold.
 */
export async function judgeRedriven(
  rehearsal: Rehearsal,
  sandbox: Sandbox,
  each: SweepCase,
  folders: { out: string; canary: string },
): Promise<{ outcome: string; broken: string[] }> {
  const { record: first, redriven, execution } = rehearsal;
  if (redriven === undefined) {
    const isRedriven = execution.redrives.count > 0;
    return {
      outcome: isRedriven ? `${first.outcome} after a redrive` : first.outcome,
      broken: isRedriven ? await judge(rehearsal, sandbox, each, folders) : [],
    };
  }
  const { record } = redriven;
  const redrivenAt = Date.parse(rehearsal.aftermath.find(({ step }) => 'mend' in step)?.at ?? '');
  const since = <Item extends { at: string }>(items: readonly Item[]): Item[] =>
    items.filter(({ at }) => Date.parse(at) >= redrivenAt);
  const isShutOut = SHUT_OUT.includes(record.error?.name ?? '');
  // Its certificate is of before, so it did not go on.
  const stayed = record.closedAt === first.closedAt;
  const outcome = `${first.outcome} → ${stayed ? (isShutOut ? (record.error?.name ?? '') : 'as before') : record.outcome}`;
  const broken: string[] = [];
  const say = (holds: boolean, sentence: string): void => {
    if (!holds) broken.push(`redrive: ${sentence}`);
  };

  if (stayed) {
    const touching = since(sandbox.calls.calls).filter(
      ({ function: step, service, operation }) =>
        step !== 'operator' &&
        ['rds', 'ec2', 'ssm', 'ses'].includes(service) &&
        !READS.test(operation) &&
        !ofTestInstance(operation),
    );
    say(
      touching.length === 0,
      `it did not go on, and ${touching.map(({ function: step, operation }) => `${step} called ${operation}`).join(', ')}`,
    );
    say(
      execution.status === 'FAILED' || record.outcome === 'succeeded',
      `it did not go on, and its execution is ${execution.status}`,
    );
  }
  const gone = Object.values(record.resources.servers).includes('terminated');
  // One that failed is off when only its closing did.
  const finishes: Partial<Record<Outcome, Outcome[]>> = {
    'partly-off': ['succeeded'],
    failed: ['rolled-back', 'succeeded'],
  };
  const wanted = finishes[first.outcome];
  const untouched = first.outcome === 'failed' && allOn(first) && !first.resources.maintenance;
  say(
    wanted === undefined || untouched || gone || wanted.includes(record.outcome),
    `what was broken is mended, and it came from "${first.outcome}" to "${record.outcome}" (${record.error?.name}: ${record.error?.message}), not to ${wanted?.join(' or ')}`,
  );
  // Of a run that went on, everything is told anew; of one that did not, what was told before has to hold still.
  const mails = sandbox.mailbox.mails;
  const told = stayed
    ? mails
    : mails.filter((mail) => Date.parse(mail.at) >= redrivenAt || !OUTCOME_MAIL.test(mail.kind));
  const view = { ...sandbox, mailbox: { ...sandbox.mailbox, mails: told } };
  const { error } = execution;
  // What shut it out is no failure of the run's own, of which its certificate tells.
  if (isShutOut && first.failure !== undefined) execution.error = first.failure;
  const asAnyOther = await judge(
    { ...rehearsal, ...redriven },
    view,
    stayed ? each : { ...each, faults: [] },
    folders,
  );
  if (error !== undefined) execution.error = error;
  broken.push(...asAnyOther);
  return { outcome, broken };
}

/** A run that is not let go on still deletes its own test instance. */
function ofTestInstance(operation: string): boolean {
  return /^DeleteDB(Instance|Cluster)$/.test(operation);
}
