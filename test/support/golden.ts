import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { SHAPES, synthesiseShape } from '../shapes.ts';

/** The template of the example of `systems.ts`, so that a reader of a change sees every difference in roles and resources. */
export const GOLDEN = fileURLToPath(new URL('../golden/crm.template.json', import.meta.url));

/** The template as it is now: keys in order, state machines as objects, references as text, and what changes with every line of code masked. */
export function goldenTemplate(): string {
  const [example] = SHAPES;
  if (example === undefined) throw new Error('test/shapes.ts holds no shape');
  return `${JSON.stringify(masked(synthesiseShape(example).template), undefined, 1)}\n`;
}

export const writtenGolden = (): string => readFileSync(GOLDEN, 'utf8');

function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  const text = textOf(value);
  if (text !== undefined) return text;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, maskedEntry(name, each)]));
}

function maskedEntry(name: string, value: unknown): unknown {
  if (name === 'S3Key') return '<asset>';
  // The scripts of documents are files of their own.
  if (name === 'runCommand') return '<script>';
  if (name !== 'DefinitionString') return masked(value);
  return masked(JSON.parse(textOf(value) ?? String(value)));
}

/** What CloudFormation makes a text of, on one line: `${Resource.Arn}` for a reference. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const [[key, content] = [], ...more] = Object.entries(value ?? {}) as [string, unknown][];
  if (more.length > 0) return undefined;
  if (key === 'Ref') return `\${${String(content)}}`;
  if (key === 'Fn::GetAtt') return `\${${(content as string[]).join('.')}}`;
  if (key === 'Fn::Sub' && typeof content === 'string') return content;
  if (key !== 'Fn::Join') return undefined;
  const [separator, parts] = content as [string, unknown[]];
  return parts.map((part) => textOf(part) ?? JSON.stringify(part)).join(separator);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  writeFileSync(GOLDEN, goldenTemplate());
