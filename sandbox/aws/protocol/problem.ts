import type { NormalizedSchema } from '@smithy/core/schema';
import { requiredMembers } from './model.ts';

/** What is wrong with one parameter of a request. */
export interface InputProblem {
  kind: 'unknown' | 'missing' | 'type';
  /** Where, from the outermost member inwards: names as in the SDK, list positions from 1. */
  path: readonly (string | number)[];
  /** For `type`: what the schema expects there (`a number`). */
  expected?: string;
  /** For `type`: what was sent instead, in a word or two; never a whole value, which might be secret. */
  found?: string;
}

/** Collects problems while an input is read, so that one answer can name them all. */
export class Problems {
  readonly list: InputProblem[] = [];

  unknown(path: readonly (string | number)[]): void {
    this.list.push({ kind: 'unknown', path });
  }

  type(path: readonly (string | number)[], expected: string, found: string): void {
    this.list.push({ kind: 'type', path, expected, found });
  }

  /** Adds what is required and absent, at any depth. */
  missingIn(schema: NormalizedSchema, value: unknown, path: readonly (string | number)[] = []): void {
    if (value === undefined || value === null) return;
    if (schema.isStructSchema()) {
      const record = value as Record<string, unknown>;
      for (const name of requiredMembers(schema)) {
        if (record[name] !== undefined && record[name] !== null) continue;
        const where = [...path, name];
        // What was there but could not be read is not missing.
        if (!this.#has('type', where)) this.list.push({ kind: 'missing', path: where });
      }
      for (const [name, member] of schema.structIterator()) {
        this.missingIn(member, record[name], [...path, name]);
      }
    } else if (schema.isListSchema() && Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        this.missingIn(schema.getValueSchema(), item, [...path, index + 1]);
      }
    } else if (schema.isMapSchema()) {
      for (const [key, item] of Object.entries(value)) {
        this.missingIn(schema.getValueSchema(), item, [...path, key]);
      }
    }
  }

  #has(kind: InputProblem['kind'], path: readonly (string | number)[]): boolean {
    const where = path.join('.');
    return this.list.some((problem) => problem.kind === kind && problem.path.join('.') === where);
  }
}

/** What a schema holds, for a message: `a number`, `a list`. */
export function expectedKind(schema: NormalizedSchema): string {
  if (schema.isListSchema()) return 'a list';
  if (schema.isMapSchema()) return 'a map';
  if (schema.isStructSchema()) return 'a structure';
  if (schema.isNumericSchema() || schema.isBigIntegerSchema() || schema.isBigDecimalSchema())
    return 'a number';
  if (schema.isBooleanSchema()) return 'true or false';
  if (schema.isTimestampSchema()) return 'a timestamp';
  if (schema.isBlobSchema()) return 'base64';
  return 'a string';
}
