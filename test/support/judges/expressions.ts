/** `$`, `$.a.b`, `$['a b']`, `$[0]`; from `$$` it is of the context object. https://states-language.net/spec.html#ref-paths */
const REFERENCE_PATH = /^\$\$?(?:\.[\p{L}_][\p{L}\p{N}_]*|\['[^']+'\]|\["[^"]+"\]|\[\d+\])*$/u;

/** https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html, with how many arguments each takes. */
const INTRINSICS: Record<string, [number, number]> = {
  'States.Array': [0, Infinity],
  'States.ArrayPartition': [2, 2],
  'States.ArrayContains': [2, 2],
  'States.ArrayRange': [3, 3],
  'States.ArrayGetItem': [2, 2],
  'States.ArrayLength': [1, 1],
  'States.ArrayUnique': [1, 1],
  'States.Base64Encode': [1, 1],
  'States.Base64Decode': [1, 1],
  'States.Hash': [2, 2],
  'States.Format': [1, Infinity],
  'States.JsonMerge': [3, 3],
  'States.JsonToString': [1, 1],
  'States.StringToJson': [1, 1],
  'States.MathRandom': [2, 3],
  'States.MathAdd': [2, 2],
  'States.StringSplit': [2, 2],
  'States.UUID': [0, 0],
};

export const isReferencePath = (text: unknown): text is string =>
  typeof text === 'string' && REFERENCE_PATH.test(text);

/** Keys of a reference path, e.g. `['off', 'database']` of `$.off.database`. */
export function keysOf(path: string): string[] {
  return [...path.matchAll(/\.([\p{L}_][\p{L}\p{N}_]*)|\[["']?([^"'\]]+)["']?\]/gu)].map(
    ([, name, other]) => name ?? other ?? '',
  );
}

/** What is wrong with a value of a key that ends in `.$`: a path, or an intrinsic function over paths and literals. */
export function problemOfExpression(text: unknown): string | undefined {
  if (typeof text !== 'string') return 'is no text';
  if (text.startsWith('$')) return isReferencePath(text) ? undefined : `"${text}" is no path`;
  const rest = call(text);
  if (rest === '') return undefined;
  return `"${text}" is neither a path nor a call of an intrinsic function`;
}

/** What follows a call at the beginning of a text; undefined when there is none. */
function call(text: string): string | undefined {
  const [head, name] = /^(States\.\w+)\(\s*/.exec(text) ?? [];
  const bounds = name === undefined ? undefined : INTRINSICS[name];
  if (head === undefined || bounds === undefined) return undefined;
  let rest = text.slice(head.length);
  let count = 0;
  while (!rest.startsWith(')')) {
    const after = argument(rest);
    if (after === undefined) return undefined;
    count += 1;
    rest = after.trimStart();
    if (rest.startsWith(',')) rest = rest.slice(1).trimStart();
    else if (!rest.startsWith(')')) return undefined;
  }
  return count >= bounds[0] && count <= bounds[1] ? rest.slice(1) : undefined;
}

function argument(text: string): string | undefined {
  if (text.startsWith('States.')) return call(text);
  const [literal] = /^(?:'(?:[^'\\]|\\.)*'|-?\d+(?:\.\d+)?|true|false|null)/.exec(text) ?? [];
  if (literal !== undefined) return text.slice(literal.length);
  const [path] = /^\$[^,)\s]*/.exec(text) ?? [];
  return path !== undefined && isReferencePath(path) ? text.slice(path.length) : undefined;
}
