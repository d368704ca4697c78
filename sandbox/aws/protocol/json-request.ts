import type { NormalizedSchema } from '@smithy/core/schema';
import { expectedKind, Problems } from './problem.ts';
import { decodeBase64, JSON_SETTINGS, parseTimestamp } from './scalar.ts';

type Path = readonly (string | number)[];

/**
 * Reads a JSON body into an operation's input.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export function readJsonInput(
  schema: NormalizedSchema,
  body: unknown,
): { input: Record<string, unknown>; problems: Problems } {
  const problems = new Problems();
  if (!isRecord(body)) {
    problems.type([], 'a structure', kindOf(body));
    return { input: {}, problems };
  }
  if (schema.isUnitSchema()) {
    for (const name of Object.keys(body)) problems.unknown([name]);
    return { input: {}, problems };
  }
  return { input: readStructure(schema, body, [], problems), problems };
}

function readStructure(
  schema: NormalizedSchema,
  record: Record<string, unknown>,
  path: Path,
  problems: Problems,
): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  const members = schema.getMemberSchemas();
  for (const [name, value] of Object.entries(record)) {
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    if (member === undefined) problems.unknown([...path, name]);
    else if (value !== null) read[name] = readValue(member, value, [...path, name], problems);
  }
  return read;
}

function readValue(schema: NormalizedSchema, value: unknown, path: Path, problems: Problems): unknown {
  if (schema.isDocumentSchema()) return value;
  if (schema.isListSchema() && Array.isArray(value)) {
    return value.map((item, index) =>
      readValue(schema.getValueSchema(), item, [...path, index + 1], problems),
    );
  }
  if (schema.isStructSchema() && isRecord(value)) return readStructure(schema, value, path, problems);
  if (schema.isMapSchema() && isRecord(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        readValue(schema.getValueSchema(), item, [...path, key], problems),
      ]),
    );
  }
  const read = readScalar(schema, value);
  if (read === undefined) problems.type(path, expectedKind(schema), kindOf(value));
  return read;
}

function readScalar(schema: NormalizedSchema, value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      if (schema.isStringSchema()) return value;
      if (schema.isBlobSchema()) return decodeBase64(value);
      return schema.isTimestampSchema() ? parseTimestamp(schema, value, JSON_SETTINGS) : undefined;
    case 'number':
      if (schema.isNumericSchema()) return value;
      if (schema.isBigIntegerSchema()) return Number.isInteger(value) ? BigInt(value) : undefined;
      return schema.isTimestampSchema() ? parseTimestamp(schema, value, JSON_SETTINGS) : undefined;
    case 'boolean':
      return schema.isBooleanSchema() ? value : undefined;
    default:
      return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'NULL_VALUE';
  if (Array.isArray(value)) return 'START_ARRAY';
  if (typeof value === 'object') return 'START_OBJECT';
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
  return `${(typeof value).toUpperCase()}_VALUE`;
}
