import type { NormalizedSchema } from '@smithy/core/schema';
import { expectedKind } from './problem.ts';

/**
 * What an operation answered that its schema does not know: members AWS has no name for, values of another type.
 * The serializers would drop such a member in silence, and a step's test would pass on a shape AWS never sends.
 *
 * @returns one line a problem; empty when the output is as AWS would send it.
 */
export function outputProblems(schema: NormalizedSchema, value: unknown, path = ''): string[] {
  if (value === undefined || value === null) return [];
  if (schema.isUnitSchema()) {
    return Object.keys(value).map((name) => `${name}: the operation has no output`);
  }
  if (schema.isStructSchema()) {
    if (typeof value !== 'object') return [`${path}: expected a structure`];
    const members = schema.getMemberSchemas();
    return Object.entries(value).flatMap(([name, member]) => {
      const where = path === '' ? name : `${path}.${name}`;
      const memberSchema = Object.hasOwn(members, name) ? members[name] : undefined;
      if (memberSchema === undefined) return [`${where}: unknown member`];
      return outputProblems(memberSchema, member, where);
    });
  }
  if (schema.isListSchema()) {
    if (!Array.isArray(value)) return [`${path}: expected a list`];
    return value.flatMap((item, index) => outputProblems(schema.getValueSchema(), item, `${path}[${index}]`));
  }
  if (schema.isMapSchema()) {
    if (typeof value !== 'object') return [`${path}: expected a map`];
    return Object.entries(value).flatMap(([key, item]) =>
      outputProblems(schema.getValueSchema(), item, `${path}.${key}`),
    );
  }
  return isScalar(schema, value) ? [] : [`${path}: expected ${expectedKind(schema)}, got a ${typeof value}`];
}

function isScalar(schema: NormalizedSchema, value: unknown): boolean {
  if (schema.isDocumentSchema()) return true;
  if (schema.isStringSchema()) return typeof value === 'string';
  if (schema.isNumericSchema()) return typeof value === 'number';
  if (schema.isBooleanSchema()) return typeof value === 'boolean';
  if (schema.isTimestampSchema()) return value instanceof Date && !Number.isNaN(value.getTime());
  if (schema.isBlobSchema()) return value instanceof Uint8Array || typeof value === 'string';
  if (schema.isBigIntegerSchema()) return typeof value === 'bigint';
  return true;
}
