import { createHash } from 'node:crypto';
import { EnvironmentVariable } from '../contract/environment.ts';
import { ErrorName, LightsOutError } from '../contract/errors.ts';
import { EvidenceKey } from '../contract/keys.ts';
import { environmentVariable } from './environment.ts';
import { readEvidence, writeEvidenceIf } from './evidence.ts';

/**
 * The largest part of a run's state that stays inline, in bytes of JSON. A larger part lies in the evidence bucket below `state/`, where it
 * expires. The data of an execution hold at most 262,144 bytes (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html),
 * and the history repeats them at each state.
 */
export const LARGEST_INLINE_BYTES = 2048;

/** The reference to a stored part. The object's name is a digest of its content, so that the content cannot change. */
export interface StoredPart {
  storedAs: string;
  bytes: number;
}

/** Keys that the state machines or Step Functions itself read. They are never stored, and each is small. */
export const ALWAYS_INLINE = new Set(['run', 'spread', 'failure', 'recovery', 'report', 'error']);

/** Parts that this environment has read or written, newest last. A loop therefore reads the configuration once. */
const met = new Map<string, string>();
const MOST_KEPT = 32;

/**
 * Stores each large part of a step's answer and puts a reference in its place. A repeat is harmless: the same content has the same name.
 *
 * @param runId the run of the state.
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
  // An object that is already there holds the same, so the bucket keeps no second version.
  await writeEvidenceIf(storedAs, value);
  keep(storedAs, text);
  return { storedAs, bytes } satisfies StoredPart;
}

/**
 * Puts stored parts back in the place of their references, at any depth.
 *
 * @throws LightsOutError `EvidenceMissing` when an object is missing or its content does not match its name.
 */
export async function fetchStoredParts<Value>(value: Value): Promise<Value> {
  return (await fetched(value)) as Value;
}

async function fetched(value: unknown): Promise<unknown> {
  if (isStored(value)) return fetched(JSON.parse(await textOf(value)));
  if (Array.isArray(value)) {
    // A list of plain values holds no references, so only objects are searched.
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
        'expected it as the run wrote it: restore its first version in the evidence bucket, and start a new run once CleanUp has ended',
    );
  }
  keep(storedAs, text);
  return text;
}

/** The digest in the key of a part of this system's own runs. Undefined for any other key, since the reference may be forged. */
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
