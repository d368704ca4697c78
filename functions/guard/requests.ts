import { createHash } from 'node:crypto';
import { EvidenceKey } from '../contract/keys.ts';
import type { Principal, Requester, RequestRecord } from '../contract/principal.ts';
import type { ExecutionReference } from '../contract/state.ts';
import { readEvidence, writeEvidenceIf } from '../runtime/evidence.ts';
import { log } from '../runtime/log.ts';

/**
 * How long after its record an execution may begin, in milliseconds. A request whose answer was lost is made again within a day. Step
 * Functions lets a name be used again only after 90 days
 * (https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html), so no record serves two executions.
 */
export const VALID_MILLISECONDS = 24 * 3600_000;

/** The most by which the clocks of S3's writer and of Step Functions differ, in milliseconds. */
const CLOCK_SKEW_MILLISECONDS = 5 * 60_000;

/** Hash of an input that ignores the order of its keys, since Step Functions passes the input on parsed. */
export function inputHash(input: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(input)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sorted(part)]));
}

/**
 * Records who asks for an execution before the execution starts. Each name is recorded once, whatever is asked under it later.
 *
 * @returns false when the name has a record already.
 */
export async function recordRequest(
  name: string,
  { executionArn, input, requester }: { executionArn: string; input: unknown; requester: Principal },
): Promise<boolean> {
  const record: RequestRecord = {
    executionArn,
    inputSha256: inputHash(input),
    requester,
    at: new Date(Date.now()).toISOString(),
  };
  const written = (await writeEvidenceIf(EvidenceKey.request(name), record)) !== undefined;
  log('info', 'request: recorded', { execution: name, by: requester.id, kind: requester.kind, written });
  return written;
}

/**
 * The person who asked for an execution, from the record of its name. The record counts if it is of this very execution and its input, and
 * not older than a day. A principal who may only start executions cannot write a record.
 */
export async function requesterOf(execution: ExecutionReference, input: unknown): Promise<Requester> {
  const record = (await readEvidence<RequestRecord>(EvidenceKey.request(execution.name)))?.value;
  if (record === undefined) return 'unknown';
  const problem = problemOf(record, execution, input);
  if (problem === undefined) return record.requester;
  log('warn', 'request: the record is not believed', { execution: execution.name, problem });
  return 'unknown';
}

function problemOf(record: RequestRecord, execution: ExecutionReference, input: unknown): string | undefined {
  if (record.executionArn !== execution.id) return `it is of ${record.executionArn}`;
  if (record.inputSha256 !== inputHash(input)) return 'the execution was started with another input';
  const later = Date.parse(execution.startTime) - Date.parse(record.at);
  // A time that cannot be read makes the difference NaN, which passes neither comparison.
  if (later >= -CLOCK_SKEW_MILLISECONDS && later <= VALID_MILLISECONDS) return undefined;
  return `it was made at ${record.at}, and the execution began at ${execution.startTime}`;
}
