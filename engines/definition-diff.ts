import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { hidden } from './hidden.ts';
import type { Locator } from './locator.ts';
import { type Difference, objectName } from './manifest.ts';

/** Most definitions that are shown. */
const SHOWN = 50;

/** Longest diff that is kept, in characters. */
const LONGEST = 4_000;

/** Kinds whose text is code. Code may hold a password or a customer's name between quotes. */
const CODE =
  /^(routine|relation|view|procedure|function|event|trigger|event trigger|rule|policy|security policy|bound rule|bound default|plan guide|database) /;

/** The definitions that differ, as diffs with their labels. */
export async function differencesOfDefinitions(
  source: Pick<Locator, 'definitions'>,
  copy: Pick<Locator, 'definitions'>,
  database: string,
  differences: Difference[],
): Promise<Map<Difference, string>> {
  const byObject = new Map<string, Difference>();
  for (const difference of differences) {
    const object = difference.object.slice(objectName(database, '').length);
    if (difference.kind === 'schema' && byObject.size < SHOWN) byObject.set(object, difference);
  }
  const diffs = new Map<Difference, string>();
  if (byObject.size === 0) return diffs;
  const names = [...byObject.keys()];
  const [before, after] = await Promise.all([source.definitions(names), copy.definitions(names)]);
  for (const [object, difference] of byObject) {
    diffs.set(difference, diffOf(shown(object, before.get(object)), shown(object, after.get(object))));
  }
  return diffs;
}

function shown(object: string, text = ''): string {
  return CODE.test(object) ? withoutLiterals(text) : text;
}

/** Replaces each literal by a hash. Readers see that a literal differs, and not what it says. */
function withoutLiterals(text: string): string {
  return text.replaceAll(/'(?:[^']|'')*'/g, (literal) => `'${hidden(literal)}'`);
}

function diffOf(source: string, copy: string): string {
  const patch = createTwoFilesPatch('source', 'copy', source, copy, undefined, undefined, {
    context: 1,
    headerOptions: FILE_HEADERS_ONLY,
  });
  return patch.length > LONGEST
    ? `${patch.slice(0, LONGEST)}\n… ${patch.length - LONGEST} more characters`
    : patch;
}
