import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../../functions/contract/defined.ts';
import { ErrorName } from '../../functions/contract/errors.ts';
import type { RunInput } from '../../functions/contract/input.ts';
import type { RunKind } from '../../functions/contract/run-kinds.ts';
import type { StartupInput } from '../../functions/contract/startup-input.ts';
import { stepsFromHistory, type TimelineStep } from '../../functions/contract/timeline.ts';
import type { Execution } from '../play/states/execution.ts';
import { STOPPED } from '../play/states/executions.ts';
import { writeAfter } from './after-record.ts';
import { type Aftermath, type AfterStep, goOn, IDLE_SPEED, pass, quiet } from './aftermath.ts';
import { brokenInvariants } from './invariants.ts';
import { brokenByStartup } from './invariants-startup.ts';
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
  /** The first half of a cycle. */
  shutdown?: EndedRun;
  /** How it ended the last time that it was redriven. */
  redriven?: EndedRun;
  /** How everything stood after each step of `after`. */
  aftermath: Aftermath[];
  /** The run itself. */
  execution: Execution;
  /** When it was asked for, in milliseconds of simulated time. */
  askedAt: number;
  exitCode: 0 | 1 | 2 | 3;
}

export interface RunOptions {
  /** The rehearsal's output folder. */
  out: string;
  /** Name of the system. */
  system: string;
  /** Default: a shutdown. */
  action?: RehearsedAction | undefined;
  /** Of the shutdown; of a rehearsed start-up: the start-up's. */
  input: RunInput | StartupInput;
  /** The return that users are promised, in milliseconds after they are out. Default: of a cycle two days, else none. */
  away?: number | undefined;
  /** What happens once the run is over. Default: nothing. */
  after?: AfterStep[] | ((ended: EndedRun, sandbox: Sandbox) => AfterStep[]) | undefined;
  onEvent?: ((event: RehearsalEvent) => void) | undefined;
}

/** What is rehearsed: `startup` begins with a system that a shutdown has put away, `cycle` is both with two days between. */
export type RehearsedAction = RunKind | 'cycle';

/** Errors of a run that say that what it was given is wrong. */
const BAD_INPUT: string[] = [ErrorName.InvalidInput, ErrorName.InvalidConfiguration, ErrorName.PlanRejected];

/** Lets one run happen in a world that stands, or a shutdown and the start-up that ends it, and leaves its record in the output folder. */
export async function runIn(sandbox: Sandbox, options: RunOptions): Promise<Rehearsal> {
  const { out, action = 'shutdown' } = options;
  const { clock } = sandbox;
  watchProgress(sandbox, options);
  options.onEvent?.({ kind: 'started', at: clock.now() });
  const half = action === 'shutdown' ? undefined : await putAway(sandbox, options);
  // Whole, as `calls.jsonl` writes it.
  const askedAt = Math.floor(clock.now());
  const isUp = half !== undefined && !['succeeded', 'partly-off'].includes(half.record.outcome);
  const execution =
    half !== undefined && isUp ? half.execution : await play(sandbox, options, action, half !== undefined);
  const ended = await lookAt(sandbox, execution, options, out);
  // What the first half broke is broken of the whole.
  if (half !== undefined && !isUp) ended.broken.push(...half.broken.map((each) => `shutdown: ${each}`));
  const aftermath: Aftermath[] = [];
  let redriven: EndedRun | undefined;
  const steps = typeof options.after === 'function' ? options.after(ended, sandbox) : (options.after ?? []);
  for (const step of steps) {
    aftermath.push(await goOn(sandbox, step, out));
    if ('redrive' in step) redriven = await lookAt(sandbox, execution, options, out);
  }
  sandbox.freeze();
  sandbox.rooms.settle();
  if (aftermath.length > 0)
    await writeAfter(sandbox, {
      out,
      system: options.system,
      before: [execution, half?.execution],
      aftermath,
    });
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
    ...defined({ redriven, shutdown: half }),
    aftermath,
    execution,
    askedAt,
    exitCode: exitCodeOf(last.record, last.broken),
  };
}

/** The state in which a start-up waits until the doors may open. */
const PROMISED_TIME = 'Wait for the promised time';

function watchProgress(sandbox: Sandbox, { onEvent }: RunOptions): void {
  // A sweep has nobody who looks on, and reading the history at each event costs it a tenth of its time.
  if (onEvent === undefined) return;
  const { clock, executions } = sandbox;
  const { stateMachine, startup } = executions.deployment;
  let details: Record<string, unknown> = {};
  let shown: Execution | undefined;
  let slow: (() => void) | undefined;
  const progress = (): void => {
    const runs = [...executions.all.values()].filter(({ machine }) =>
      [stateMachine.arn, startup.arn].includes(machine.arn),
    );
    const execution = runs.at(-1);
    if (execution === undefined) return;
    if (shown !== execution) details = {};
    shown = execution;
    // Nothing happens until then, and whoever looks on need not wait for it.
    const last = execution.history.events.at(-1);
    const isWaiting =
      last?.type === 'WaitStateEntered' && last.stateEnteredEventDetails?.name === PROMISED_TIME;
    if (isWaiting) slow ??= clock.hurry(IDLE_SPEED);
    else if (slow !== undefined) {
      slow();
      slow = undefined;
    }
    const steps = stepsFromHistory(execution.history.events);
    onEvent({ kind: 'progress', now: clock.now(), steps, details });
  };
  executions.onEvent = progress;
  executions.onResult = (state, result) => {
    details[state] = result;
    progress();
  };
}

/** Starts a run and waits until it and everything that it set off has ended. */
async function play(
  sandbox: Sandbox,
  { input }: Pick<RunOptions, 'input'>,
  action: RehearsedAction,
  isSecond: boolean,
): Promise<Execution> {
  const { clock } = sandbox;
  const isStartup = action !== 'shutdown';
  const name = `rehearsal-${isStartup ? 'startup-' : ''}${new Date(clock.now()).toISOString().slice(0, 10)}`;
  const execution = await startRun(
    sandbox,
    name,
    isStartup
      ? { action: 'startup', input: action === 'startup' ? (input as StartupInput) : {} }
      : { action: 'shutdown', input: input as RunInput },
  );
  if (!isSecond) sandbox.begin();
  await execution.ended;
  // Of a run that nobody saw to its end there is nothing to be told.
  if (execution.error === STOPPED) throw new Error('the sandbox was stopped in the middle of the run');
  await quiet(sandbox);
  return execution;
}

const HOUR = 3600_000;

/** Users are promised two days after the time at which they are out. */
const AWAY = 48 * HOUR;

/** So long before the start-up time is played as it is, with its schedules. */
const LAST_HOURS = 2 * HOUR;

/** A start-up of a cycle begins so long before the promised time. */
const BEFORE_THE_PROMISE = HOUR;

/** The first half: the system is put away, and time passes until the start-up. */
async function putAway(sandbox: Sandbox, options: RunOptions): Promise<EndedRun & { execution: Execution }> {
  const { clock, executions, injector } = sandbox;
  const isCycle = options.action === 'cycle';
  const lead = Math.max(...executions.deployment.config.notices.leadMinutes) * 60_000;
  const given: RunInput = isCycle ? (options.input as RunInput) : {};
  const at = given.at === undefined ? clock.now() + lead : Date.parse(given.at);
  const { away = isCycle ? AWAY : undefined } = options;
  const backAt = away === undefined ? undefined : (given.backAt ?? new Date(at + away).toISOString());
  const input = { ...given, ...defined({ backAt }) };
  // What is rehearsed is the start-up: the faults are its own, and so is their count.
  const go = isCycle ? () => undefined : injector.pause();
  const execution = await play(sandbox, { input }, 'shutdown', false);
  const half = await lookAt(
    sandbox,
    execution,
    { ...options, action: 'shutdown', input },
    join(options.out, 'shutdown'),
  );
  const idle = isCycle && backAt !== undefined ? Date.parse(backAt) - BEFORE_THE_PROMISE - clock.now() : 0;
  // Of idle days only the last hours' schedules fire: each looks whether the system is as it is meant to be, and finds it so.
  await pass(sandbox, Math.max(0, idle - LAST_HOURS), 'none');
  // What the system's own schedule would do meanwhile depends on the day of the rehearsal.
  await pass(sandbox, isCycle ? LAST_HOURS : HOUR, 'watching');
  // What the hour has set off is not the start-up's either.
  if (!isCycle) await quiet(sandbox);
  go();
  return { ...half, execution };
}

/** How everything stands, which stays as it is meanwhile. */
async function lookAt(
  sandbox: Sandbox,
  execution: Execution,
  { out, system, input }: RunOptions,
  folder: string,
): Promise<EndedRun> {
  const goesOn = sandbox.clock.work();
  const record = await recordRun(sandbox, execution, out, system);
  const { config } = sandbox.executions.deployment;
  await mkdir(folder, { recursive: true });
  const report = await copyReport(
    { out, folder },
    { system, executionArn: execution.arn },
    sandbox.mailbox.mails,
    { language: config.notices.languages[0] ?? 'en', timeZone: config.timeZone },
  );
  await writeRecord(folder, record);
  const verification = 'verification' in input ? input.verification : undefined;
  const broken =
    record.action === 'startup'
      ? await brokenByStartup(record, sandbox, out)
      : await brokenInvariants(record, sandbox, out, verification ?? config.verification);
  goesOn();
  return { record, broken, ...defined({ report }) };
}

function exitCodeOf(record: RunRecord, broken: string[]): Rehearsal['exitCode'] {
  if (broken.length > 0) return 3;
  if (record.error !== undefined && BAD_INPUT.includes(record.error.name)) return 2;
  return ['succeeded', 'planned', 'proved', 'already-off', 'already-on'].includes(record.outcome) ? 0 : 1;
}
