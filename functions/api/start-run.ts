import { createHash, randomUUID } from 'node:crypto';
import { executionArnOf, findExecution, startExecution } from '../aws/executions.ts';
import { notAllowed } from '../contract/allowed-input.ts';
import { EnvironmentVariable } from '../contract/environment.ts';
import { ErrorName, LightsOutError } from '../contract/errors.ts';
import { RunInput } from '../contract/input.ts';
import { EvidenceKey } from '../contract/keys.ts';
import type { Principal, RequestRecord } from '../contract/principal.ts';
import type { RunKind } from '../contract/run-kinds.ts';
import { StartupInput } from '../contract/startup-input.ts';
import { describeIssues } from '../contract/wording.ts';
import { inputHash, recordRequest, VALID_MILLISECONDS } from '../guard/requests.ts';
import { readConfiguration } from '../runtime/configuration.ts';
import { environmentVariable } from '../runtime/environment.ts';
import { readEvidence } from '../runtime/evidence.ts';
import { log } from '../runtime/log.ts';
import { HttpError } from './http-error.ts';

/** A run's input, without the fields that the trigger itself sets, and what a run of that kind is called. */
const KINDS = {
  shutdown: {
    input: RunInput.omit({ requestedBy: true, Comment: true }),
    machine: EnvironmentVariable.StateMachineArn,
    prefix: 'api',
  },
  startup: {
    input: StartupInput.omit({ requestedBy: true, Comment: true }),
    machine: EnvironmentVariable.StartupArn,
    prefix: 'startup',
  },
} as const satisfies Record<RunKind, unknown>;

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
 * Starts a shutdown or a start-up. It records the requester first, under the execution's name, and the plan believes only this record. The
 * name follows from the idempotency key, so the same key starts nothing twice. If a call died between record and start, a repeat makes the
 * recorded start.
 */
export async function requestRun(
  kind: RunKind,
  system: string,
  body: unknown,
  caller: Principal,
  idempotencyKey?: string,
): Promise<StartedRun> {
  if (system !== environmentVariable(EnvironmentVariable.SystemName))
    throw new HttpError(404, `no system is called "${system}" here`);
  const { input: schema, machine, prefix } = KINDS[kind];
  const parsed = schema.safeParse(body);
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
  const problems =
    kind === 'shutdown' ? notAllowed(parsed.data as RunInput, await readConfiguration(), 'body') : [];
  if (problems.length > 0) throw new HttpError(400, 'the body is not a valid run input', problems);
  const name = `${prefix}-${idempotencyKey === undefined ? randomUUID() : hash(`${caller.id}\n${idempotencyKey}`)}`;
  const stateMachineArn = environmentVariable(machine);
  const executionArn = executionArnOf(stateMachineArn, name);
  const input = JSON.stringify(parsed.data);
  const request = { executionArn, input: parsed.data, requester: caller };
  if (!(await recordRequest(name, request))) await requireSameRequest(name, request);
  const started = await startExecution(stateMachineArn, name, input);
  if (started === 'taken' && (await findExecution(executionArn))?.input !== input) throw usedOtherwise();
  log('info', `api: ${kind} started`, { execution: name, by: caller.id });
  return { run: name, statusUrl: `/runs/${name}` };
}

const usedOtherwise = (): HttpError =>
  new HttpError(409, 'this Idempotency-Key was used with another body; use a new one for a new run');

/** Requires that the record under this name is of the same request, and not of another body. */
async function requireSameRequest(
  name: string,
  { input, requester, executionArn }: { input: unknown; requester: Principal; executionArn: string },
): Promise<void> {
  const record = (await readEvidence<RequestRecord>(EvidenceKey.request(name)))?.value;
  if (record === undefined)
    throw new LightsOutError(
      ErrorName.AwsTemporarilyUnavailable,
      'the same request is being recorded by another call just now; expected its record: ask again',
    );
  if (record.inputSha256 !== inputHash(input) || record.requester.id !== requester.id) throw usedOtherwise();
  if (Date.now() - Date.parse(record.at) <= VALID_MILLISECONDS) return;
  if ((await findExecution(executionArn)) !== undefined) return;
  throw new HttpError(
    409,
    `this Idempotency-Key was used at ${record.at} and its run never began; a request is good for a day, so use a new key for a new run`,
  );
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 40);
