import { z } from 'zod';
import { executionArnOf, findExecution, startExecution } from '../../aws/executions.ts';
import { EnvironmentVariable } from '../../contract/environment.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import { RunInput } from '../../contract/input.ts';
import type { Principal } from '../../contract/principal.ts';
import { describeIssues } from '../../contract/wording.ts';
import { recordRequest } from '../../guard/requests.ts';
import { environmentVariable } from '../../runtime/environment.ts';
import { defineStep } from '../../runtime/step.ts';

/**
 * A start later than this after its time is not made. EventBridge Scheduler gives up then too (`lib/schedules.ts`). Lambda retries a failed
 * call for longer, and an unexpected shutdown could come in working hours.
 */
const LATEST_MILLISECONDS = 15 * 60_000;

/** An execution that began at most this much before its planned time is still this start, since clocks differ a little. */
const CLOCK_SKEW_MILLISECONDS = 60_000;

/** The event of the schedule. EventBridge Scheduler fills in `scheduledAt` and `schedule` (`lib/schedules.ts`). */
const StartEvent = z.strictObject({
  action: z.literal('start'),
  scheduledAt: z.iso.datetime(),
  /** ARN of the schedule. */
  schedule: z.string().min(1),
  /** Expression of the schedule, for people. */
  expression: z.string().min(1),
  input: RunInput,
});
export type StartEvent = z.input<typeof StartEvent>;

export interface Started {
  execution: string;
}

/**
 * Starts the shutdown at its planned time, and proves that the schedule asked for it. It writes the record first, below `requests/`. A
 * principal that may only start executions cannot write there.
 *
 * Trigger: EventBridge Scheduler, at least once. The execution's name follows from the planned time, so a doubled call starts nothing
 * twice. If a call died between record and start, the next call makes the start. If an execution took the name before its time, somebody
 * else started it. That is an error, since the planned start would silently be lost. Lambda tries an error again, then sends it to the
 * queue that alarms.
 */
export const handler = defineStep('start', async (event: StartEvent): Promise<Started> => {
  const { scheduledAt, schedule, expression, input } = parse(event);
  const planned = Date.parse(scheduledAt);
  if (Math.abs(Date.now() - planned) > LATEST_MILLISECONDS)
    throw new LightsOutError(
      ErrorName.InvalidInput,
      `scheduledAt: ${scheduledAt} is more than ${LATEST_MILLISECONDS / 60_000} minutes from now; expected a start on time, and nothing is started: start the run by hand if it is still to be made`,
    );
  const name = `scheduled-${new Date(planned).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
  const stateMachineArn = environmentVariable(EnvironmentVariable.StateMachineArn);
  const executionArn = executionArnOf(stateMachineArn, name);
  const requester: Principal = { kind: 'schedule', id: schedule, name: expression, groups: [] };
  await recordRequest(name, { executionArn, input, requester });
  const started = await startExecution(stateMachineArn, name, JSON.stringify(input));
  const { startDate } = (started === 'taken' ? await findExecution(executionArn) : started) ?? {};
  const startedAt = startDate?.getTime();
  if (startedAt !== undefined && startedAt < planned - CLOCK_SKEW_MILLISECONDS)
    throw new LightsOutError(
      ErrorName.RunInProgress,
      `the execution ${name} began at ${new Date(startedAt).toISOString()}, before its time ${scheduledAt}; expected nobody to start one of that name by hand: the planned run is not made`,
    );
  return { execution: name };
});

function parse(event: unknown): z.output<typeof StartEvent> {
  const parsed = StartEvent.safeParse(event);
  if (parsed.success) return parsed.data;
  throw new LightsOutError(ErrorName.InvalidInput, describeIssues(parsed.error, 'event', event).join('; '));
}
