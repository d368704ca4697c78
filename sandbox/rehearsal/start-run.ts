import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { RunInput } from '../../functions/contract/input.ts';
import { occurrencesOf } from '../../functions/contract/occurrences.ts';
import type { RunKind } from '../../functions/contract/run-kinds.ts';
import type { StartupInput } from '../../functions/contract/startup-input.ts';
import { runBeginsBefore } from '../../functions/contract/timetable.ts';
import { BadInputError } from '../bad-input.ts';
import type { DeployedStateMachine, Deployment } from '../deployment.ts';
import type { Execution } from '../play/states/execution.ts';
import type { ApiRequest } from '../world/people/operator-api.ts';
import { OPERATOR_KEY } from './machinery.ts';
import type { Sandbox } from './sandbox.ts';

/** How a run is started: by a signed request to the operator API, in the console, or at its planned time. */
export type Way = 'api' | 'console' | 'schedule';

/** A person asks again when no answer came: so often, and after so long, in milliseconds of simulated time. */
const TRIES = 5;
const PAUSE = 1_000;

/**
 * The way a rehearsal's run is started: by the operator API where a second person has to approve, since a run of the console then needs two; else in the
 * console, as the docs show it. `requestedBy` and `Comment` only the console takes.
 */
export function wayOf(
  { databases, executions }: Pick<Sandbox, 'databases' | 'executions'>,
  { action, input }: RunToStart,
): Way {
  if (action === 'shutdown' && databases.hasFault('schedule-start')) return 'schedule';
  const onlyConsole = input.requestedBy !== undefined || input.Comment !== undefined;
  const { approval } = executions.deployment.config;
  return approval === undefined || onlyConsole || databases.hasFault('console-start') ? 'console' : 'api';
}

/** A run that is to be started. */
export type RunToStart =
  | { action: 'shutdown'; input: RunInput }
  /** `by`: who asks the API for it. Default: who asked for the shutdown. */
  | { action: 'startup'; input: StartupInput; by?: 'approver' | undefined };

/** Starts a run. @throws BadInputError when the API refuses the request, or there is no schedule. */
export async function startRun(sandbox: Sandbox, name: string, run: RunToStart): Promise<Execution> {
  const way = wayOf(sandbox, run);
  const arn =
    way === 'console'
      ? await inTheConsole(sandbox, name, run)
      : way === 'api'
        ? await byTheApi(sandbox, name, run)
        : await byTheSchedule(sandbox);
  const execution = sandbox.executions.all.get(arn);
  if (execution === undefined) throw new Error('the execution did not start');
  return execution;
}

async function inTheConsole(
  { url, executions, injector }: Sandbox,
  name: string,
  { action, input }: RunToStart,
): Promise<string> {
  const { account } = executions.deployment;
  const stateMachine = machineOf(executions.deployment, action);
  const operator = new SFNClient({
    endpoint: url,
    region: account.region,
    credentials: { accessKeyId: OPERATOR_KEY, secretAccessKey: 'sandbox' },
  });
  try {
    const started = await operator.send(
      new StartExecutionCommand({ stateMachineArn: stateMachine.arn, name, input: JSON.stringify(input) }),
    );
    injector.happened('console-start');
    return started.executionArn ?? '';
  } finally {
    operator.destroy();
  }
}

/** As `curl` or the command line would: with a key, so that asking again starts nothing twice. */
async function byTheApi(sandbox: Sandbox, name: string, run: RunToStart): Promise<string> {
  const { action, input } = run;
  const { deployment } = sandbox.executions;
  const { requester, approvers } = sandbox.people;
  const [approver = requester] = approvers;
  const { config } = deployment;
  const request: ApiRequest = {
    route: `POST /systems/{name}/${action}s`,
    parameters: { name: config.name },
    headers: { 'idempotency-key': name },
    body: input,
    caller: 'by' in run && run.by === 'approver' ? approver : requester,
  };
  for (let attempt = 1; ; attempt += 1) {
    const answer = await sandbox.call(request).catch((error: unknown) => {
      if (attempt < TRIES) return undefined;
      throw error;
    });
    if (answer?.status === 202) {
      const arn = machineOf(deployment, action).arn.replace(':stateMachine:', ':execution:');
      return `${arn}:${String(answer.body['run'])}`;
    }
    if (answer !== undefined && answer.status < 500) throw refused(answer.body);
    if (attempt >= TRIES) throw new Error(`the operator API answered ${answer?.status} ${TRIES} times`);
    await sandbox.clock.sleep(PAUSE);
  }
}

const machineOf = (deployment: Deployment, action: RunKind): DeployedStateMachine =>
  action === 'startup' ? deployment.startup : deployment.stateMachine;

function refused(body: Record<string, unknown>): BadInputError {
  const problems = Array.isArray(body['problems']) ? body['problems'].map(String) : [];
  return new BadInputError(`--input: ${[String(body['error']), ...problems].join('; ')}`);
}

/** Simulated seconds in a real second until the schedule's time has come: nobody looks on. */
const UNTIL_THEN = 1_000_000;

/**
 * By the system's schedule. Time jumps to the moment at which the planner begins the run of the next shutdown. Each of its calls is delivered twice, as
 * may happen.
 */
async function byTheSchedule(sandbox: Sandbox): Promise<string> {
  const { bus, executions, clock, injector } = sandbox;
  const { functions, schedules, stateMachine, config } = executions.deployment;
  const planner = functions.find(({ step }) => step === 'planner');
  const schedule = schedules.find(({ target }) => target.arn === planner?.arn);
  const begun = (): string | undefined =>
    [...executions.all.values()].find(({ machine }) => machine.arn === stateMachine.arn)?.arn;
  if (schedule === undefined)
    throw new BadInputError(
      '--faults: "schedule-start" is of a system with a schedule; expected one in systems.ts',
    );
  // Time stands still until somebody begins.
  sandbox.begin();
  // The first look only begins to look at the schedule, unless a run is due already.
  await bus.fire(schedule, clock.now());
  const before = runBeginsBefore(config);
  for (const { action, at, skipped } of occurrencesOf(config, clock.now())) {
    if (begun() !== undefined) break;
    if (action !== 'shutdown' || skipped !== undefined) continue;
    const slow = clock.hurry(UNTIL_THEN);
    await clock.sleep(Math.max(0, at - before - clock.now()));
    slow();
    await bus.fire(schedule, clock.now());
  }
  injector.happened('schedule-start');
  return begun() ?? '';
}
