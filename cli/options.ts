import { parseArgs } from 'node:util';
import { didYouMean } from '../functions/contract/nearest.ts';
import { shown } from '../functions/contract/shown.ts';
import { BadInputError } from '../sandbox/bad-input.ts';

type OptionKinds = Record<string, { type: 'string' | 'boolean'; multiple?: true }>;

/** Values of the given options: the text of a `string`, true for a `boolean`, all texts of one that may be given several times. */
export type OptionValues<Kinds extends OptionKinds> = {
  [Name in keyof Kinds]?: Kinds[Name] extends { multiple: true }
    ? string[]
    : Kinds[Name]['type'] extends 'string'
      ? string
      : boolean;
};

/**
 * Reads a command's options and names all their problems at once. An argument without an option is never repeated: it may be a URL that
 * holds a password.
 *
 * @throws BadInputError one line per problem.
 */
export function readOptions<const Kinds extends OptionKinds>(
  command: string,
  argv: string[],
  kinds: Kinds,
): OptionValues<Kinds> {
  const { tokens } = parseArgs({
    args: argv,
    options: kinds,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, string | boolean | string[]> = {};
  const problems: string[] = [];
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1];
    const isOfUnknown = before?.kind === 'option' && !Object.hasOwn(kinds, before.name);
    if (token.kind === 'positional' && !isOfUnknown)
      problems.push(
        `an argument that belongs to no option${wordOf(token.value)}; expected options such as ${example(kinds)}`,
      );
    if (token.kind === 'option-terminator') problems.push(`"--": expected options such as ${example(kinds)}`);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    const { type: kind, multiple } = (Object.hasOwn(kinds, name) ? kinds[name] : undefined) ?? {};
    if (kind === undefined) problems.push(unknown(rawName, Object.keys(kinds)));
    else if (values[name] !== undefined && multiple === undefined)
      problems.push(`--${name}: given twice; expected once`);
    else if (kind === 'boolean' && value !== undefined)
      problems.push(`--${name}: takes no value; expected --${name} alone`);
    // A value that begins like an option is one: the value was forgotten.
    else if (
      kind === 'string' &&
      (value === undefined || (token.inlineValue === false && value.startsWith('--')))
    )
      problems.push(`--${name}: its value is missing; expected --${name} ${name.toUpperCase()}`);
    else if (value === '')
      problems.push(`--${name}: its value is empty; expected --${name} ${name.toUpperCase()}`);
    const earlier = values[name];
    if (multiple === true) values[name] = [...(Array.isArray(earlier) ? earlier : []), value ?? ''];
    else values[name] = value ?? true;
  }
  if (problems.length > 0)
    throw new BadInputError(
      `${problems.join('\nlights-out: ')}. "lights-out ${command} --help" shows all of them`,
    );
  return values as OptionValues<Kinds>;
}

/**
 * The run that a command is about: its first argument, the name of the execution.
 *
 * @throws BadInputError when it is missing.
 */
export function runArgument(command: string, [run, ...rest]: string[]): { run: string; rest: string[] } {
  if (run !== undefined && /^[A-Za-z0-9_-]{1,80}$/.test(run) && !run.startsWith('-')) return { run, rest };
  throw new BadInputError(
    `${command}: expected the run first, as the mail and "lights-out shutdown" name it, e.g. lights-out ${command} api-3f9a1c07b2de. "lights-out ${command} --help" shows more`,
  );
}

/** Names of options are short words. A longer text may be a secret. */
function unknown(rawName: string, known: string[]): string {
  const name = /^-{1,2}[\p{L}\p{N}_-]{1,30}$/u.test(rawName) ? rawName : 'an option';
  const options = known.map((each) => `--${each}`);
  const hint = didYouMean(name, options);
  return `${name}: no such option${hint === '' ? `; expected one of: ${options.join(', ')}` : hint}`;
}

/** A plain word may be repeated. A password in a URL may not. */
function wordOf(text: string): string {
  return /^[\p{L}\p{N}_.-]{1,20}$/u.test(text) ? ` ("${shown(text)}")` : '';
}

function example(kinds: OptionKinds): string {
  const [first] = Object.keys(kinds);
  return `--${first} …`;
}
