import { createHash } from 'node:crypto';
import { EnvironmentVariable } from '../contract/environment.ts';
import { ErrorName, LightsOutError } from '../contract/errors.ts';
import { EvidenceKey } from '../contract/keys.ts';
import { environmentVariable } from './environment.ts';
import { readEvidence, writeEvidenceIf } from './evidence.ts';

/**
 * The data of an execution hold at most 262,144 bytes (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html), the history
 * of a run repeats them at each state. So a part larger than this, in bytes of JSON, lies in the evidence bucket, below `state/`: it expires there.
 */
export const LARGEST_INLINE_BYTES = 2048;

/** What stands in the state for a part that is stored: its object's name says its content, so that it can never be another. */
export interface StoredPart {
  storedAs: string;
  bytes: number;
}

/** Keys that the state machines or Step Functions itself read: never stored. Each is bounded by itself. */
const ALWAYS_INLINE = new Set(['run', 'spread', 'failure', 'recovery', 'report', 'ended', 'redriven']);

/** Parts that this environment has met, newest last: a loop reads the configuration once. */
const met = new Map<string, string>();
const MOST_KEPT = 32;

/**
 * Stores each large part of a step's answer and puts a reference in its place. Twice is harmless: the same content has the same name.
 *
 * @param runId whose state it is; the answer of the plan holds its own run.
 */
export async function storeLargeParts<Answer>(answer: Answer, runId: string): Promise<Answer> {
  if (!isRecord(answer)) return answer;
  const parts = await Promise.all(
    Object.entries(answer).map(async ([key, value]) => [key, await stored(key, value, runId)] as const),
  );
  return Object.fromEntries(parts) as Answer;
}

async function stored(key: string, value: unknown, runId: string): Promise<unknown> {
  if (typeof value !== 'object' || value === null || ALWAYS_INLINE.has(key) || isStored(value)) return value;
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  if (bytes <= LARGEST_INLINE_BYTES) return value;
  const storedAs = EvidenceKey.statePart(
    environmentVariable(EnvironmentVariable.SystemName),
    runId,
    digestOf(text),
  );
  // One that is there holds the same: the bucket keeps no second version of it.
  await writeEvidenceIf(storedAs, value);
  keep(storedAs, text);
  return { storedAs, bytes } satisfies StoredPart;
}

/**
 * Puts what is stored back in the place of its references, wherever they stand.
 *
 * @throws LightsOutError `EvidenceMissing` when an object is gone or holds something else.
 */
export async function fetchStoredParts<Value>(value: Value): Promise<Value> {
  return (await fetched(value)) as Value;
}

async function fetched(value: unknown): Promise<unknown> {
  if (isStored(value)) return fetched(JSON.parse(await textOf(value)));
  if (Array.isArray(value)) {
    // Long lists of plain values hold no references: only objects are looked into.
    return value.some((each) => typeof each === 'object') ? Promise.all(value.map(fetched)) : value;
  }
  if (!isRecord(value)) return value;
  const entries = await Promise.all(
    Object.entries(value).map(async ([key, each]) =>
      typeof each === 'object' && each !== null
        ? ([key, await fetched(each)] as const)
        : ([key, each] as const),
    ),
  );
  return Object.fromEntries(entries);
}

async function textOf({ storedAs }: StoredPart): Promise<string> {
  const known = met.get(storedAs);
  if (known !== undefined) return known;
  const digest = ownPart(storedAs);
  const held = digest === undefined ? undefined : await readEvidence<unknown>(storedAs);
  const text = held === undefined ? undefined : JSON.stringify(held.value);
  if (text === undefined || digestOf(text) !== digest) {
    throw new LightsOutError(
      ErrorName.EvidenceMissing,
      `the state of the run refers to the object ${storedAs}, which is ${text === undefined ? 'not there' : 'not what the run wrote'}; ` +
        'expected it as the run wrote it: restore its first version in the evidence bucket, then redrive the execution',
    );
  }
  keep(storedAs, text);
  return text;
}

/** The digest in the name of a part of one of this system's own runs; undefined for any other object, whoever wrote the reference. */
function ownPart(key: string): string | undefined {
  const system = environmentVariable(EnvironmentVariable.SystemName);
  const match = /^state\/([^/]+)\/([^/]+)\/([0-9a-f]{64})\.json$/.exec(key);
  return match?.[1] === system ? match[3] : undefined;
}

function keep(key: string, text: string): void {
  met.set(key, text);
  const [oldest] = met.keys();
  if (met.size > MOST_KEPT && oldest !== undefined) met.delete(oldest);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function isStored(value: unknown): value is StoredPart {
  return isRecord(value) && typeof value['storedAs'] === 'string' && Object.keys(value).length === 2;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
