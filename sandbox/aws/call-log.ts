import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { NormalizedSchema } from '@smithy/core/schema';
import type { SimulatedClock } from '../play/clock.ts';
import type { ServiceName } from './operation.ts';

/** A line of `calls.jsonl`: what a function asked of AWS, and what it was answered. */
export interface CallRecord {
  /** ISO 8601, simulated time. */
  at: string;
  /** Step name, `operator`, or `unknown` for an access key that is nobody's. */
  function: string;
  service: ServiceName | string;
  /** As the SDK names it; as much as could be read of a request that was refused. */
  operation: string;
  resources: string[];
  /** The input, secrets redacted, blobs as their length. */
  parameters: unknown;
  /** `ok`, or the error's name. */
  outcome: string;
  /** The fault that was injected into this call. */
  fault?: string;
}

const REDACTED = '[redacted]';

/** Names that hold a secret … */
const SECRET_NAME = /passw(or)?d|secret|token|credential|privatekey/i;

/** … and names that look so and hold none: identifiers, pages of a list, idempotency keys. */
const NO_SECRET_NAME =
  /^(secretid|secretarn|secretids|nexttoken|continuationtoken|nextcontinuationtoken|clienttoken|clientrequesttoken|idempotencytoken)$/i;

/** Texts longer than this are cut: a log line is for reading. Characters. */
const LONGEST_TEXT = 4_096;

/**
 * Writes `calls.jsonl`, a line a call, at once, so that a line is there even when the sandbox is killed; and keeps
 * the calls for the report.
 */
export class CallLog {
  readonly calls: CallRecord[] = [];
  readonly #clock: SimulatedClock;
  #file: number | undefined;

  /** @param path of `calls.jsonl`; an earlier file is replaced. Undefined keeps the calls in memory only. */
  constructor(clock: SimulatedClock, path?: string) {
    this.#clock = clock;
    if (path !== undefined) {
      mkdirSync(dirname(path), { recursive: true });
      this.#file = openSync(path, 'w');
    }
  }

  /** Adds a call. `schema` is its input's, for what is sensitive; without one, names alone decide. */
  append(call: Omit<CallRecord, 'at'>, schema?: NormalizedSchema): void {
    const { function: caller, service, operation, resources, parameters, outcome, fault } = call;
    const record: CallRecord = {
      at: new Date(this.#clock.now()).toISOString(),
      function: caller,
      service,
      operation,
      resources,
      parameters: redact(parameters, schema),
      outcome,
      ...(fault === undefined ? {} : { fault }),
    };
    this.calls.push(record);
    if (this.#file !== undefined) writeSync(this.#file, `${JSON.stringify(record)}\n`);
  }

  /** Closes the file. Later calls are kept in memory only. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

/** Replaces secrets by a mark and blobs by their length: what may be kept of an input. */
export function redact(value: unknown, schema?: NormalizedSchema, name = ''): unknown {
  if (value === undefined || value === null) return value;
  if (isSensitive(schema) || (SECRET_NAME.test(name) && !NO_SECRET_NAME.test(name))) return REDACTED;
  if (value instanceof Uint8Array) return { bytes: value.byteLength };
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (schema?.isBlobSchema()) return { bytes: Buffer.byteLength(String(value)) };
  if (typeof value === 'string') {
    return value.length <= LONGEST_TEXT
      ? value
      : `${value.slice(0, LONGEST_TEXT)}… (${value.length} characters)`;
  }
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) {
    const item = schema?.isListSchema() ? schema.getValueSchema() : undefined;
    return value.map((element) => redact(element, item, name));
  }
  if (typeof value === 'object') {
    const memberOf = membersOf(schema);
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, redact(member, memberOf(key), key)]),
    );
  }
  return value;
}

function isSensitive(schema: NormalizedSchema | undefined): boolean {
  return schema?.getMergedTraits().sensitive !== undefined;
}

function membersOf(schema: NormalizedSchema | undefined): (key: string) => NormalizedSchema | undefined {
  if (schema?.isStructSchema()) {
    const members = schema.getMemberSchemas();
    return (key) => (Object.hasOwn(members, key) ? members[key] : undefined);
  }
  const item = schema?.isMapSchema() ? schema.getValueSchema() : undefined;
  return () => item;
}
