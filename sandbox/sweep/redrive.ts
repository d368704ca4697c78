import type { ExecutionStatus } from '../play/states/execution.ts';
import type { AfterStep } from '../rehearsal/aftermath.ts';
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

/** The error of a redriven execution that came to one of its steps again. */
const REFUSED = 'RedriveRefused';

/** What only reads. */
const READS = /^(Get|Describe|List|Head)/;

/**
 * Looks at what became of a redriven run: the redrive ended with one error and did nothing, and the system, and all that tells of the run, is
 * as {@link judge} wants it of a run that nobody redrove.
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
  if (execution.redrives.count === 0) return { outcome: first.outcome, broken: [] };
  const { record } = redriven ?? rehearsal;
  const error = execution.error ?? 'no error';
  const before = endBefore(execution);
  const broken: string[] = [];
  const say = (holds: boolean, sentence: string): void => {
    if (!holds) broken.push(`redrive: ${sentence}`);
  };
  // A run that had reached its last state but one has nothing left to do: it comes to the end that it had.
  const hadEnded = execution.status === 'SUCCEEDED' || error === before.error || before.isClosing;
  say(hadEnded || error === REFUSED, `the redriven execution is ${execution.status} with ${error}`);
  if (redriven !== undefined) broken.push(...didSomething(rehearsal, sandbox));

  // Without the redrive it would read so.
  const now = { status: execution.status, error: execution.error, cause: execution.cause };
  if (execution.status !== 'SUCCEEDED') Object.assign(execution, before.end);
  broken.push(...(await judge({ ...rehearsal, ...redriven }, sandbox, each, folders)));
  Object.assign(execution, now);
  return {
    outcome: `${first.outcome}, ${error} → ${record.outcome}`,
    broken,
  };
}

const STATUS: Record<string, ExecutionStatus> = {
  ExecutionAborted: 'ABORTED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
};

/** How the execution had ended before its first redrive. */
function endBefore({ history }: Rehearsal['execution']) {
  const { events } = history;
  const at = events.findIndex(({ type }) => type === 'ExecutionRedriven');
  const own = events.slice(0, at);
  const last = own.at(-1);
  const details =
    last?.executionAbortedEventDetails ??
    last?.executionFailedEventDetails ??
    last?.executionTimedOutEventDetails;
  const state = own.findLast((event) => event.stateEnteredEventDetails !== undefined);
  return {
    error: details?.error,
    isClosing: ['How did it end?', 'Run failed', 'Run not closed'].includes(
      state?.stateEnteredEventDetails?.name ?? '',
    ),
    end: { status: STATUS[last?.type ?? ''], error: details?.error, cause: details?.cause },
  };
}

/** What was changed and told after the redrive, unless CleanUp did it, of which the redrive's end reminds the watch. */
function didSomething({ aftermath, execution }: Rehearsal, sandbox: Sandbox): string[] {
  const redrivenAt = Date.parse(aftermath.find(({ step }) => 'mend' in step)?.at ?? '');
  const isLater = ({ at }: { at: string }): boolean => Date.parse(at) >= redrivenAt;
  const others = [...sandbox.executions.all.values()].filter(
    (each) => each !== execution && each.startedAt >= redrivenAt,
  );
  if (others.length > 0) return [];
  const changed = sandbox.calls.calls
    .filter(isLater)
    .filter(({ function: step, operation }) => step !== 'operator' && !READS.test(operation))
    .map(({ function: step, operation }) => `redrive: ${step} called ${operation}`);
  const mails = sandbox.mailbox.mails.filter(isLater).map(({ kind }) => `redrive: the mail ${kind} was sent`);
  return [...changed, ...mails];
}
