import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Execution, executionArnOf, findExecution, startExecution } from '../aws/executions.ts';
import { notAllowed } from '../contract/allowed-input.ts';
import { defined } from '../contract/defined.ts';
import { EnvironmentVariable } from '../contract/environment.ts';
import { ErrorName, LightsOutError } from '../contract/errors.ts';
import { RunInput } from '../contract/input.ts';
import { EvidenceKey } from '../contract/keys.ts';
import type { Principal, RequestRecord } from '../contract/principal.ts';
import type { ExecutionReference } from '../contract/state.ts';
import { describeIssues } from '../contract/wording.ts';
import { inputHash, recordRequest, VALID_MILLISECONDS } from '../guard/requests.ts';
import { readConfiguration } from '../runtime/configuration.ts';
import { environmentVariable } from '../runtime/environment.ts';
import { readEvidence } from '../runtime/evidence.ts';
import { log } from '../runtime/log.ts';
import { runIdOf } from '../runtime/run.ts';
import { type ApprovalState, approvalState } from './answers.ts';
import { HttpError } from './http-error.ts';

/** The caller's part of a run's input, without the fields that the trigger itself sets. */
const ApiInput = RunInput.omit({ requestedBy: true, Comment: true });

/**
 * The API's id of a run is the name of its execution, from which the ARN follows without a list. The id in evidence, mails and names of
 * resources (`20261127-2200-1a2b3c4d`) also needs the start time. `GET /runs/{id}` answers both.
 */
export interface StartedRun {
  /** The execution's name, for `GET /runs/{id}`. */
  run: string;
  statusUrl: string;
}

/**
 * Starts a shutdown. It records the requester first, under the execution's name, and the plan believes only this record. The name follows
 * from the idempotency key, so the same key starts nothing twice. If a call died between record and start, a repeat makes the recorded
 * start.
 */
export async function startShutdown(
  system: string,
  body: unknown,
  caller: Principal,
  idempotencyKey?: string,
): Promise<StartedRun> {
  if (system !== environmentVariable(EnvironmentVariable.SystemName))
    throw new HttpError(404, `no system is called "${system}" here`);
  const parsed = ApiInput.safeParse(body);
  if (!parsed.success)
    throw new HttpError(400, 'the body is not a valid run input', describeIssues(parsed.error, 'body', body));
  if (parsed.data.system !== undefined && parsed.data.system !== system)
    throw new HttpError(400, 'the body is not a valid run input', [
      `body.system: expected "${system}", as in the path, or none`,
    ]);
  if (idempotencyKey !== undefined && !/^[\x21-\x7e]{1,255}$/.test(idempotencyKey))
    throw new HttpError(400, 'the Idempotency-Key header is not valid', [
      'Idempotency-Key: expected 1 to 255 visible ASCII characters, e.g. a UUID',
    ]);
  const problems = notAllowed(parsed.data, await readConfiguration(), 'body');
  if (problems.length > 0) throw new HttpError(400, 'the body is not a valid run input', problems);
  const name =
    idempotencyKey === undefined ? `api-${randomUUID()}` : `api-${hash(`${caller.id}\n${idempotencyKey}`)}`;
  const input = JSON.stringify(parsed.data);
  const request = { executionArn: executionArn(name), input: parsed.data, requester: caller };
  if (!(await recordRequest(name, request))) await requireSameRequest(name, request);
  const started = await startExecution(environmentVariable(EnvironmentVariable.StateMachineArn), name, input);
  if (started === 'taken' && (await findExecution(executionArn(name)))?.input !== input)
    throw usedOtherwise();
  log('info', 'api: shutdown started', { execution: name, by: caller.id });
  return { run: name, statusUrl: `/runs/${name}` };
}

const usedOtherwise = (): HttpError =>
  new HttpError(409, 'this Idempotency-Key was used with another body; use a new one for a new run');

/** Requires that the record under this name is of the same request, and not of another body. */
async function requireSameRequest(
  name: string,
  { input, requester }: { input: unknown; requester: Principal },
): Promise<void> {
  const record = (await readEvidence<RequestRecord>(EvidenceKey.request(name)))?.value;
  if (record === undefined)
    throw new LightsOutError(
      ErrorName.AwsTemporarilyUnavailable,
      'the same request is being recorded by another call just now; expected its record: ask again',
    );
  if (record.inputSha256 !== inputHash(input) || record.requester.id !== requester.id) throw usedOtherwise();
  if (Date.now() - Date.parse(record.at) <= VALID_MILLISECONDS || (await hasStarted(name))) return;
  throw new HttpError(
    409,
    `this Idempotency-Key was used at ${record.at} and its run never began; a request is good for a day, so use a new key for a new run`,
  );
}

const hasStarted = async (name: string): Promise<boolean> =>
  (await findExecution(executionArn(name))) !== undefined;

/** @throws HttpError 404 when there is no such run. */
async function requireRun(id: string): Promise<Execution> {
  const execution = await findExecution(executionArn(id));
  if (execution === undefined) throw new HttpError(404, 'no such run');
  return execution;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 40);

export interface RunStatus {
  run: string;
  /** The run's id in evidence, mails and resource names. */
  runId: string;
  /** The status in the words of Step Functions: `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED`. */
  status: string;
  /** The outcome of a run that succeeded, e.g. `planned` for a dry run. */
  outcome?: string;
  startedAt: string;
  endedAt?: string;
  error?: string;
  cause?: string;
  /** Present if the run waits for approval or had an answer. */
  approval?: ApprovalState;
}

/**
 * The status of a run.
 * @throws HttpError 404 when there is no such run.
 */
export async function describeRun(id: string): Promise<RunStatus> {
  const execution = await requireRun(id);
  const runId = runIdOf(referenceOf(id, execution.startDate));
  const system = environmentVariable(EnvironmentVariable.SystemName);
  const approval = await approvalState(system, runId, executionArn(id));
  return {
    run: id,
    runId,
    status: execution.status ?? 'UNKNOWN',
    ...outcomeIn(execution.output),
    startedAt: execution.startDate?.toISOString() ?? '',
    ...(execution.stopDate === undefined ? {} : { endedAt: execution.stopDate.toISOString() }),
    ...defined({ error: execution.error, cause: execution.cause, approval }),
  };
}

const Output = z.object({ report: z.object({ outcome: z.string() }) });

function outcomeIn(output: string | undefined): { outcome?: string } {
  const parsed = Output.safeParse(output === undefined ? undefined : JSON.parse(output));
  return parsed.success ? { outcome: parsed.data.report.outcome } : {};
}

/** The run's id, from its execution's name. */
export async function runIdOfExecution(id: string): Promise<string> {
  const execution = await requireRun(id);
  return runIdOf(referenceOf(id, execution.startDate));
}

function referenceOf(id: string, startDate: Date | undefined): ExecutionReference {
  return { id: executionArn(id), name: id, startTime: startDate?.toISOString() ?? '' };
}

function executionArn(id: string): string {
  if (!/^[A-Za-z0-9_-]{1,80}$/.test(id)) throw new HttpError(404, 'no such run');
  return executionArnOf(environmentVariable(EnvironmentVariable.StateMachineArn), id);
}
