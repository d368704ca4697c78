import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../../functions/contract/defined.ts';
import { ErrorName } from '../../functions/contract/errors.ts';
import type { RunInput } from '../../functions/contract/input.ts';
import { stepsFromHistory, type TimelineStep } from '../../functions/contract/timeline.ts';
import type { Execution } from '../play/states/execution.ts';
import { STOPPED } from '../play/states/executions.ts';
import { type Aftermath, type AfterStep, goOn, quiet } from './aftermath.ts';
import { brokenInvariants } from './invariants.ts';
import type { CleanedUp } from './leftovers/work-folder.ts';
import { copyReport, writeRecord } from './output.ts';
import { type RunRecord, recordRun } from './run-record.ts';
import type { Sandbox } from './sandbox.ts';
import { startRun } from './start-run.ts';

export type RehearsalEvent =
  /** What rehearsals left whose process was killed, and is gone now. */
  | ({ kind: 'cleaned-up' } & CleanedUp)
  /** The rehearsal before this one in the same folder was killed: what it left there was removed. */
  | { kind: 'replaced'; out: string }
  /** A signal ends the rehearsal; `state` is the one that the run is in, if it has begun. */
  | { kind: 'interrupted'; signal: NodeJS.Signals; state: string | undefined }
  | { kind: 'preparing'; what: string }
  | { kind: 'started'; at: number }
  /** Something changed; `details` is what the last poll of each state answered. */
  | { kind: 'progress'; now: number; steps: TimelineStep[]; details: Record<string, unknown> };

/** How a run ended. */
export interface EndedRun {
  record: RunRecord;
  /** Invariants that do not hold: exit code 3. */
  broken: string[];
  report?: string;
}

export interface Rehearsal extends EndedRun {
  /** How it ended the last time that it was redriven. */
  redriven?: EndedRun;
  /** How everything stood after each step of `after`. */
  aftermath: Aftermath[];
  /** The run itself. */
  execution: Execution;
  exitCode: 0 | 1 | 2 | 3;
}

export interface RunOptions {
  /** The rehearsal's output folder. */
  out: string;
  /** Name of the system. */
  system: string;
  input: RunInput;
  /** What happens once the run is over. Default: nothing. */
  after?: AfterStep[] | ((ended: EndedRun, sandbox: Sandbox) => AfterStep[]) | undefined;
  onEvent?: ((event: RehearsalEvent) => void) | undefined;
}

/** Errors of a run that say that what it was given is wrong. */
const BAD_INPUT: string[] = [ErrorName.InvalidInput, ErrorName.InvalidConfiguration, ErrorName.PlanRejected];

/** Lets one run happen in a world that stands, and leaves its record in the output folder. */
export async function runIn(sandbox: Sandbox, options: RunOptions): Promise<Rehearsal> {
  const { out } = options;
  const { clock, executions } = sandbox;
  const details: Record<string, unknown> = {};
  const progress = (): void => {
    const [execution] = executions.all.values();
    if (execution === undefined) return;
    options.onEvent?.({
      kind: 'progress',
      now: clock.now(),
      steps: stepsFromHistory(execution.history.events),
      details,
    });
  };
  executions.onEvent = progress;
  executions.onResult = (state, result) => {
    details[state] = result;
    progress();
  };
  options.onEvent?.({ kind: 'started', at: clock.now() });
  const execution = await startRun(
    sandbox,
    `rehearsal-${new Date(clock.now()).toISOString().slice(0, 10)}`,
    options.input,
  );
  sandbox.begin();
  await execution.ended;
  // Of a run that nobody saw to its end there is nothing to be told.
  if (execution.error === STOPPED) throw new Error('the sandbox was stopped in the middle of the run');
  await quiet(sandbox);
  const ended = await lookAt(sandbox, execution, options);
  const aftermath: Aftermath[] = [];
  let redriven: EndedRun | undefined;
  const steps = typeof options.after === 'function' ? options.after(ended, sandbox) : (options.after ?? []);
  for (const step of steps) {
    aftermath.push(await goOn(sandbox, step, out));
    if ('redrive' in step) redriven = await lookAt(sandbox, execution, options);
  }
  sandbox.freeze();
  sandbox.rooms.settle();
  if (aftermath.length > 0)
    await writeFile(join(out, 'after.json'), `${JSON.stringify(aftermath, null, 2)}\n`);
  // Of the whole, whatever came of it in the end.
  const defects = sandbox.defects.map((defect) => `sandbox: ${defect.message}`);
  const last = redriven ?? ended;
  last.broken.push(...defects);
  // What `--after` started may have met faults that the run did not.
  if (aftermath.length > 0) {
    last.record.unusedFaults = [...sandbox.injector.unused()];
    await writeRecord(out, last.record);
  }
  return {
    ...ended,
    ...defined({ redriven }),
    aftermath,
    execution,
    exitCode: exitCodeOf(last.record, last.broken),
  };
}

/** How everything stands, which stays as it is meanwhile. */
async function lookAt(
  sandbox: Sandbox,
  execution: Execution,
  { out, system, input }: RunOptions,
): Promise<EndedRun> {
  const goesOn = sandbox.clock.work();
  const record = await recordRun(sandbox, execution, out, system);
  const { config } = sandbox.executions.deployment;
  const report = await copyReport(out, { system, executionArn: execution.arn }, sandbox.mailbox.mails, {
    language: config.notices.languages[0] ?? 'en',
    timeZone: config.timeZone,
  });
  await writeRecord(out, record);
  const verification = input.verification ?? config.verification;
  const broken = await brokenInvariants(record, sandbox, out, verification);
  goesOn();
  return { record, broken, ...defined({ report }) };
}

function exitCodeOf(record: RunRecord, broken: string[]): Rehearsal['exitCode'] {
  if (broken.length > 0) return 3;
  if (record.error !== undefined && BAD_INPUT.includes(record.error.name)) return 2;
  return ['succeeded', 'planned', 'already-off'].includes(record.outcome) ? 0 : 1;
}
