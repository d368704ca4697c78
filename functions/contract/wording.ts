import { z } from 'zod';
import { exampleOf } from './examples.ts';
import { didYouMean } from './nearest.ts';
import { shown } from './shown.ts';

/**
 * Words every issue of a schema of the project that has no words of its own. zod asks schemas with their own words first:
 * https://zod.dev/error-customization
 */
z.config({ customError: expectedBy });

type RawIssue = Parameters<NonNullable<z.core.$ZodConfig['customError']>>[0];

/** The name of each type in the words of people who write a configuration. */
const TYPES: Record<string, string> = {
  string: 'a text in quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const FORMATS: Record<string, string> = {
  datetime: 'a time in ISO 8601 with its offset',
  email: 'a mail address',
  url: 'a URL',
};

function expectedBy(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${TYPES[issue.expected] ?? `a value of the type ${issue.expected}`}`;
    case 'too_small':
      return `expected ${bound(issue.origin, 'at least', Number(issue.minimum), issue.inclusive !== false, 'more than')}`;
    case 'too_big':
      return `expected ${bound(issue.origin, 'at most', Number(issue.maximum), issue.inclusive !== false, 'less than')}`;
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return `expected ${FORMATS[issue.format] ?? `a text of the form ${issue.pattern ?? issue.format}`}`;
    case 'invalid_value':
      return `expected ${oneOf(issue.values.map((value) => JSON.stringify(value)))}`;
    case 'unrecognized_keys': {
      const known = keysOf(issue.inst);
      // One line per key. `describeIssues` splits them.
      return issue.keys.map((key) => unknownKey(key, known)).join('\n');
    }
    case 'invalid_union':
      return 'expected one of the forms that are allowed here';
    case 'invalid_key':
      return 'expected other names of its fields';
    case 'invalid_element':
      return 'expected other entries';
    case 'custom':
      return 'expected another value';
  }
}

function bound(origin: string, least: string, limit: number, isInclusive: boolean, beyond: string): string {
  const number = limit.toLocaleString('en');
  if (origin === 'string') return `${least} ${number} ${limit === 1 ? 'character' : 'characters'}`;
  if (origin === 'array' || origin === 'set')
    return `${least} ${number} ${limit === 1 ? 'entry' : 'entries'}`;
  return `a number of ${isInclusive ? least : beyond} ${number}`;
}

/** The keys of an object schema, if the issue names the schema. */
function keysOf(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** Keys that an earlier version took and never read. */
const GONE: Record<string, string> = {
  overrideHold: 'expected force: true, with a reason',
};

function unknownKey(key: string, known: string[]): string {
  if (Object.hasOwn(GONE, key)) return `unknown key; ${GONE[key]}`;
  const hint = didYouMean(key, known);
  const listed = hint !== '' || known.length === 0 ? '' : `; expected one of: ${known.join(', ')}`;
  return `unknown key${hint}${listed}${hint === '' && known.length === 0 ? '; remove it or correct its spelling' : ''}`;
}

function oneOf(words: string[]): string {
  return words.length === 1 ? String(words[0]) : `one of ${words.join(', ')}`;
}

/** How many characters of a found text are shown: enough to find it again. */
const SHOWN_CHARACTERS = 60;

/** A value as people wrote it, in one short line. */
export function foundValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') {
    const text = value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value;
    return `"${shown(text)}"`;
  }
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'function') return 'a function';
  return typeof value === 'bigint' ? `${value}n` : String(value);
}

/**
 * One line per problem: the path of the field, what is expected with an example, and what was found. For people, in errors of synth,
 * commands, API and plan.
 *
 * @param value the checked value, so that the lines can say what was found.
 */
export function describeIssues(error: z.ZodError, root: string, value?: unknown): string[] {
  return error.issues.flatMap((issue) => lines(issue, root, value));
}

/** @param above the path of the form of a union that the issue is in. */
function lines(
  issue: z.core.$ZodIssue,
  root: string,
  value: unknown,
  above: readonly PropertyKey[] = [],
): string[] {
  const path = pathOf(issue.path, root);
  const found = valueAt(value, issue.path);
  if (issue.code === 'unrecognized_keys') {
    const words = issue.message.split('\n');
    return issue.keys.map((key, index) => `${path}.${shown(key)}: ${words[index] ?? 'unknown key'}`);
  }
  if (issue.code === 'invalid_union') {
    const branch = nearestBranch(issue.errors);
    if (branch !== undefined)
      return branch.flatMap((inner) => lines(inner, path, found, [...above, ...issue.path]));
  }
  const { message } = issue;
  const isSaid = !message.startsWith('expected ') || message.includes('found ') || value === undefined;
  const says = isSaid ? '' : `; found ${foundValue(found)}`;
  const hint =
    issue.code === 'invalid_value' && typeof found === 'string'
      ? didYouMean(found, issue.values.map(String))
      : '';
  // The message of a schema may quote what it found.
  return [shown(`${path}: ${message}${withExample(message, [...above, ...issue.path])}${says}${hint}`)];
}

/** The meant form of a union: its fields have problems, but not its kind. */
function nearestBranch(branches: z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  return branches.find((issues) =>
    issues.every((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'),
  );
}

/** Adds an example, unless the message already quotes what it expects. */
function withExample(message: string, path: readonly PropertyKey[]): string {
  if (!message.startsWith('expected ') || /["“]|e\.g\.|such as|Example|true or false/.test(message))
    return '';
  const example = exampleOf(path);
  return example === undefined ? '' : `, e.g. ${example}`;
}

function pathOf(path: readonly PropertyKey[], root: string): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${shown(String(part))}`),
    root,
  );
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, part) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[part] : undefined,
    value,
  );
}
