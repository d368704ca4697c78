import { createHash, randomUUID } from 'node:crypto';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { sfn } from '../shared/aws/clients.ts';
import { isAwsError } from '../shared/aws/errors.ts';
import { EnvironmentVariable } from '../shared/contract/environment.ts';
import { describeIssues, RunInput } from '../shared/contract/input.ts';
import type { ExecutionReference } from '../shared/contract/state.ts';
import { environmentVariable } from '../shared/environment.ts';
import { runIdOf } from '../shared/run.ts';
import { HttpError } from './http-error.ts';

/** What a caller may say: a run's input without what the trigger knows better. */
const ApiInput = RunInput.omit({ requestedBy: true, Comment: true });

export interface StartedRun {
  /** The execution's name: what `GET /runs/{id}` takes. */
  run: string;
  statusUrl: string;
}

/** Starts a shutdown. The same idempotency key starts nothing twice: the execution's name is made of it. */
export async function startShutdown(
  system: string,
  body: unknown,
  caller: string,
  idempotencyKey?: string,
): Promise<StartedRun> {
  if (system !== environmentVariable(EnvironmentVariable.SystemName))
    throw new HttpError(404, `no system is called "${system}" here`);
  const parsed = ApiInput.safeParse(body);
  if (!parsed.success)
    throw new HttpError(400, 'the body is not a valid run input', describeIssues(parsed.error, 'body'));
  const name =
    idempotencyKey === undefined ? `api-${randomUUID()}` : `api-${hash(`${caller}\n${idempotencyKey}`)}`;
  const started = { run: name, statusUrl: `/runs/${name}` };
  try {
    await sfn().send(
      new StartExecutionCommand({
        stateMachineArn: environmentVariable(EnvironmentVariable.StateMachineArn),
        name,
        input: JSON.stringify({ ...parsed.data, requestedBy: caller.slice(0, 256) }),
      }),
    );
  } catch (error) {
    if (!isAwsError(error, 'ExecutionAlreadyExists')) throw error;
    if (idempotencyKey === undefined) throw error;
  }
  return started;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 40);

export interface RunStatus {
  run: string;
  /** The run's id in evidence, mails and resource names. */
  runId: string;
  status: string;
  startedAt: string;
  endedAt?: string;
  error?: string;
  cause?: string;
}

export async function describeRun(id: string): Promise<RunStatus> {
  const execution = await sfn().send(new DescribeExecutionCommand({ executionArn: executionArn(id) }));
  return {
    run: id,
    runId: runIdOf(referenceOf(id, execution.startDate)),
    status: execution.status ?? 'UNKNOWN',
    startedAt: execution.startDate?.toISOString() ?? '',
    ...(execution.stopDate === undefined ? {} : { endedAt: execution.stopDate.toISOString() }),
    ...(execution.error === undefined ? {} : { error: execution.error }),
    ...(execution.cause === undefined ? {} : { cause: execution.cause }),
  };
}

/** The run's id, from its execution's name. */
export async function runIdOfExecution(id: string): Promise<string> {
  const execution = await sfn().send(new DescribeExecutionCommand({ executionArn: executionArn(id) }));
  return runIdOf(referenceOf(id, execution.startDate));
}

function referenceOf(id: string, startDate: Date | undefined): ExecutionReference {
  return { id: executionArn(id), name: id, startTime: startDate?.toISOString() ?? '' };
}

/** `arn:aws:states:region:account:stateMachine:name` → `arn:aws:states:region:account:execution:name:id`. */
function executionArn(id: string): string {
  if (!/^[A-Za-z0-9_-]{1,80}$/.test(id)) throw new HttpError(404, 'no such run');
  return `${environmentVariable(EnvironmentVariable.StateMachineArn).replace(':stateMachine:', ':execution:')}:${id}`;
}
