import { createHash } from 'node:crypto';
import { z } from 'zod';
import { executionArnOf, findExecution, startExecution } from '../../aws/executions.ts';
import type { SystemConfig } from '../../contract/config.ts';
import { EnvironmentVariable } from '../../contract/environment.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { RunInput } from '../../contract/input.ts';
import type { LedgerEntry } from '../../contract/ledger.ts';
import { type Occurrence, occurrenceName, occurrencesOf } from '../../contract/occurrences.ts';
import type { Principal } from '../../contract/principal.ts';
import type { StartupInput } from '../../contract/startup-input.ts';
import { runBeginsBefore, shortestNotice, startupBeginsBefore } from '../../contract/timetable.ts';
import { describeIssues } from '../../contract/wording.ts';
import { localTime } from '../../notices/notice.ts';
import { sendNotice } from '../../notices/send.ts';
import { readConfiguration } from '../../runtime/configuration.ts';
import { environmentVariable } from '../../runtime/environment.ts';
import { log } from '../../runtime/log.ts';
import { defineStep } from '../../runtime/step.ts';
import { expectedStartup } from '../durations.ts';
import { recordRequest } from '../requests.ts';
import { decide, STARTUP_GIVEN_UP } from './decide.ts';
import { decideOnce, lookingSince, noteIn, readEntry } from './ledger.ts';
import { reasonText } from './reasons.ts';
import { lookAtWorld } from './world.ts';

/** The event of the planner's schedule (`lib/schedules.ts`). */
const PlannerEvent = z.strictObject({
  action: z.literal('look'),
  /** ARN of that schedule. EventBridge Scheduler fills it in. */
  schedule: z.string().min(1),
});
export type PlannerEvent = z.input<typeof PlannerEvent>;

export interface Planned {
  /** Names of the executions that this look started. */
  started: string[];
  /** How many occurrences this look left out or found too late. */
  leftOut: number;
}

/**
 * Starts the runs of the schedule. Every few minutes it looks which times of the schedule are due, decides what becomes of each, and starts its run so
 * early that every notice has its time; the run itself waits for the named time.
 *
 * Trigger: EventBridge Scheduler, every 15 minutes, at least once. It never trusts the moment of a call: it looks. What was decided stands in the
 * ledger, decided once, and an execution's name follows from the named time, so no time runs twice. A call that died in the middle is finished
 * by the next look. If an execution took the name before its time, somebody else started it: that is an error, since the planned run
 * would silently be lost. Lambda tries an error again, then sends it to the queue that alarms.
 * Rejects with `InvalidInput`, `InvalidConfiguration`, `RunInProgress`, after every other occurrence had its turn.
 */
export const handler = defineStep('planner', async (event: PlannerEvent): Promise<Planned> => {
  const { schedule } = parse(event);
  const config = await readConfiguration();
  const now = Date.now();
  const since = await lookingSince(config.name, versionOf(config));
  const startupSeconds = await expectedStartup(config.name);
  const planned: Planned = { started: [], leftOut: 0 };
  const failures: unknown[] = [];
  for (const occurrence of dueOf(config, { now, since, startupSeconds })) {
    try {
      await seeTo(occurrence, { config, schedule, now, planned });
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return planned;
});

/** The occurrences whose runs have to have begun by now, those of the last day too. */
function dueOf(
  config: SystemConfig,
  { now, since, startupSeconds }: { now: number; since: number; startupSeconds: number },
): Occurrence[] {
  const before = {
    shutdown: runBeginsBefore(config),
    startup: startupBeginsBefore(startupSeconds),
  };
  // A start-up may be waited for as long as it is not given up.
  const from = Math.max(now - STARTUP_GIVEN_UP - 3600_000, since);
  const until = now + Math.max(before.shutdown, before.startup);
  const due: Occurrence[] = [];
  for (const occurrence of occurrencesOf(config, from)) {
    if (occurrence.at > until) break;
    if (occurrence.at - before[occurrence.action] <= now) due.push(occurrence);
  }
  return due;
}

interface Look {
  config: SystemConfig;
  schedule: string;
  now: number;
  planned: Planned;
}

async function seeTo(occurrence: Occurrence, look: Look): Promise<void> {
  const { config, now, planned } = look;
  const decided = (await readEntry(config.name, occurrence)) ?? (await decideNow(occurrence, config, now));
  if (decided === undefined) return;
  const entry = (await givenUp(occurrence, decided, look)) ?? decided;
  if (entry.decision === 'begin') {
    if (entry.begunAt !== undefined) return;
    await begin(occurrence, entry, look);
    await noteIn(config.name, occurrence, { begunAt: new Date(Date.now()).toISOString() });
    planned.started.push(occurrenceName(occurrence));
    return;
  }
  if (entry.toldAt !== undefined) return;
  await tell(occurrence, entry, config);
  // Noted after the notice: a call that is killed in between tells twice rather than never.
  await noteIn(config.name, occurrence, { toldAt: new Date(Date.now()).toISOString() });
  planned.leftOut += 1;
}

async function decideNow(
  occurrence: Occurrence,
  config: SystemConfig,
  now: number,
): Promise<LedgerEntry | undefined> {
  const decision = decide(occurrence, config, await lookAtWorld(config), now);
  if (decision === 'later') return undefined;
  const { action, at, expression } = occurrence;
  return decideOnce(config.name, occurrence, {
    action,
    at: new Date(at).toISOString(),
    expression,
    decidedAt: new Date(now).toISOString(),
    ...decision,
  });
}

/** A start that was decided and could not be made until users could no longer be told in time is not made any more. */
async function givenUp(
  occurrence: Occurrence,
  { decision, begunAt, input = {} }: LedgerEntry,
  { config, now }: Look,
): Promise<LedgerEntry | undefined> {
  if (decision !== 'begin' || begunAt !== undefined || !('at' in input) || input.at === undefined)
    return undefined;
  if (Date.parse(input.at) - now >= shortestNotice(config)) return undefined;
  // The answer of the start may have been lost.
  if ((await findExecution(executionOf(occurrence).executionArn)) !== undefined) return undefined;
  return noteIn(config.name, occurrence, { decision: 'missed', reason: { why: 'too-late' } });
}

/** Makes the start that was decided. A repeat finds it made: while the execution runs, and for 90 days after. */
async function begin(occurrence: Occurrence, entry: LedgerEntry, { schedule }: Look): Promise<void> {
  const { name, machine, executionArn } = executionOf(occurrence);
  const input = inputOfNow(entry);
  const requester: Principal = {
    kind: 'schedule',
    id: schedule,
    name: occurrence.expression,
    groups: [],
  };
  // The record comes first: a principal that may only start executions cannot write it.
  await recordRequest(name, { executionArn, input, requester });
  const started = await startExecution(machine, name, JSON.stringify(input));
  const { startDate } = (started === 'taken' ? await findExecution(executionArn) : started) ?? {};
  const startedAt = startDate?.getTime();
  if (startedAt !== undefined && startedAt < Date.parse(entry.decidedAt) - CLOCK_SKEW_MILLISECONDS)
    throw new LightsOutError(
      ErrorName.RunInProgress,
      `the execution ${name} began at ${new Date(startedAt).toISOString()}, before the schedule asked for it at ${entry.decidedAt}; expected nobody to start one of that name by hand: the planned run is not made`,
    );
}

/** A return time that has passed meanwhile would be refused: then the doors open when the system is healthy. */
function inputOfNow({ action, input = {} }: LedgerEntry): RunInput | StartupInput {
  const { backAt, ...rest } = input;
  const isPassed = action === 'startup' && backAt !== undefined && Date.parse(backAt) <= Date.now() + MINUTE;
  return isPassed ? rest : input;
}

/** The execution that an occurrence starts. */
function executionOf(occurrence: Occurrence): { name: string; machine: string; executionArn: string } {
  const name = occurrenceName(occurrence);
  const machine = environmentVariable(
    occurrence.action === 'startup' ? EnvironmentVariable.StartupArn : EnvironmentVariable.StateMachineArn,
  );
  return { name, machine, executionArn: executionArnOf(machine, name) };
}

const MINUTE = 60_000;

/** An execution that began at most this much before its start was decided is still that start, since clocks differ a little. */
const CLOCK_SKEW_MILLISECONDS = 60_000;

async function tell(occurrence: Occurrence, entry: LedgerEntry, config: SystemConfig): Promise<void> {
  const { action, at } = occurrence;
  const name = occurrenceName(occurrence);
  const why =
    entry.reason && reasonText(entry.reason, (iso, language) => localTime(iso, config.timeZone, language));
  log('info', `planner: ${entry.decision}`, { occurrence: name, why: entry.reason?.why });
  if (why === undefined) return;
  await sendNotice(
    config,
    {
      kind: entry.decision === 'missed' ? 'schedule-missed' : 'schedule-skipped',
      audience: 'operators',
      facts: {
        runId: name,
        system: config.name,
        displayName: config.displayName,
        timeZone: config.timeZone,
        at: new Date(at).toISOString(),
        scheduled: action,
        why,
      },
    },
    { required: true },
  );
}

/** Names what the planner goes by: a schedule that is changed is looked at anew. */
function versionOf({ schedule, exceptions, timeZone }: SystemConfig): string {
  return createHash('sha256')
    .update(JSON.stringify({ schedule, exceptions, timeZone }))
    .digest('hex')
    .slice(0, 12);
}

function parse(event: unknown): z.output<typeof PlannerEvent> {
  const parsed = PlannerEvent.safeParse(event);
  if (parsed.success) return parsed.data;
  throw new LightsOutError(ErrorName.InvalidInput, describeIssues(parsed.error, 'event', event).join('; '));
}
