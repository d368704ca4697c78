import { writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { z } from 'zod';
import { SystemConfig } from '../../functions/contract/config.ts';
import { systems } from '../../systems.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The configuration as a page for people. */
export const CONFIGURATION_PAGE = `${ROOT}docs/configuration.md`;

/** A field as `systems.ts` writes it; a list's entry has `[]` in its path. */
export interface Field {
  path: string;
  optional: boolean;
  /** What may stand there, e.g. `"abort" or "proceed"`. */
  values: string;
  /** As JSON. Nothing: there is none, or the meaning says what takes its place. */
  standard: string | undefined;
  meaning: string;
  /** As TypeScript: of its `@example`, otherwise as the example of `systems.ts` has it. */
  example: string | undefined;
  /** It is made of fields of its own. */
  isGroup: boolean;
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Every field of a system, in the order of the schema: names and meanings from its TSDoc, values and defaults from the schema itself. */
export function configurationFields(): Field[] {
  const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const file = `${ROOT}functions/contract/config.ts`;
  const program = ts.createProgram([file], options);
  const checker = program.getTypeChecker();
  const alias = program
    .getSourceFile(file)
    ?.statements.find((each) => ts.isTypeAliasDeclaration(each) && each.name.text === 'SystemConfigInput');
  if (alias === undefined) throw new Error(`${file}: expected the type SystemConfigInput`);

  const fieldsOf = (type: ts.Type, schema: JsonSchema, prefix: string, example: unknown): Field[] => {
    const types = new Map(type.getProperties().map((property) => [property.name, property]));
    return Object.entries(schema.properties ?? {}).flatMap(([name, of]) => {
      const property = types.get(name);
      if (property === undefined || typeof of === 'boolean') return [];
      const path = `${prefix}${name}`;
      const value = (example as Record<string, unknown> | undefined)?.[name];
      const own = checker.getNonNullableType(checker.getTypeOfSymbol(property));
      const inner = groupOf(own, of, checker);
      const [tag] = property.getJsDocTags(checker).filter((each) => each.name === 'example');
      const written = tag === undefined ? undefined : ts.displayPartsToString(tag.text).trim();
      const fields =
        inner === undefined
          ? []
          : fieldsOf(
              inner.type,
              inner.schema,
              `${path}${inner.isList ? '[].' : '.'}`,
              inner.isList ? firstWith(value) : value,
            );
      return [
        {
          path,
          optional: schema.required?.includes(name) !== true,
          values: valuesOf(of),
          standard: of.default === undefined ? undefined : JSON.stringify(of.default),
          meaning: meaningOf(property, checker, of.default),
          example: written ?? (value === undefined ? undefined : literal(value)),
          isGroup: inner !== undefined,
        },
        ...fields,
      ];
    });
  };
  const schema = z.toJSONSchema(SystemConfig, { io: 'input', reused: 'inline' });
  return fieldsOf(checker.getTypeAtLocation(alias), schema, '', systems[0]);
}

/** Without the default where the schema says it: that has a column of its own. */
function meaningOf(property: ts.Symbol, checker: ts.TypeChecker, standard: unknown): string {
  const text = ts.displayPartsToString(property.getDocumentationComment(checker)).replaceAll(/\s+/g, ' ');
  return standard === undefined
    ? text
    : text.replace(/ Default `?[\w-]+`?( (and|minutes)( [\w-]+)?)?\.$/, '');
}

/** The fields below a field: of an object, of a list's entries, or of the one object among several forms. */
function groupOf(
  type: ts.Type,
  schema: JsonSchema,
  checker: ts.TypeChecker,
): { type: ts.Type; schema: JsonSchema; isList: boolean } | undefined {
  const isList = checker.isArrayType(type);
  const [entry = type] = isList ? checker.getTypeArguments(type as ts.TypeReference) : [type];
  const forms = isList ? [schema.items as JsonSchema] : [schema, ...(schema.anyOf ?? [])];
  const form = forms.find(
    (each): each is JsonSchema =>
      typeof each === 'object' && !Array.isArray(each) && each.properties !== undefined,
  );
  if (form === undefined) return undefined;
  const types = entry.isUnion() ? entry.types : [entry];
  const object = types.find((each) => (each.flags & ts.TypeFlags.Object) !== 0);
  return object === undefined ? undefined : { type: object, schema: form, isList };
}

/** Of a list, all that its entries show, the first one's values first. */
function firstWith(value: unknown): unknown {
  return Array.isArray(value) ? Object.assign({}, ...value.toReversed()) : undefined;
}

function valuesOf(schema: JsonSchema): string {
  if (schema.anyOf !== undefined)
    return schema.anyOf.map((each) => valuesOf(each as JsonSchema)).join(' or ');
  if (schema.const !== undefined) return `\`${literal(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((each) => `\`${literal(each)}\``).join(' or ');
  switch (schema.type) {
    case 'integer':
    case 'number':
      return `${schema.type === 'integer' ? 'whole number' : 'number'}${rangeOf(schema)}`;
    case 'boolean':
      return '`true` or `false`';
    case 'array':
      return `list of ${valuesOf(schema.items as JsonSchema)}`;
    case 'object':
      return schema.properties === undefined ? 'names and texts' : 'fields below';
    default:
      return schema.maxLength === undefined ? 'text' : `text of at most ${schema.maxLength} characters`;
  }
}

function rangeOf({ type, minimum, exclusiveMinimum, maximum }: JsonSchema): string {
  const above = type === 'integer' ? `from ${Number(exclusiveMinimum) + 1}` : `above ${exclusiveMinimum}`;
  const lower = minimum === undefined ? above : `from ${minimum}`;
  const upper = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? '' : ` to ${maximum}`;
  return ` ${lower}${upper}`;
}

/** A value as `systems.ts` would write it. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{ ${Object.entries(value)
      .map(([key, each]) => `${key}: ${literal(each)}`)
      .join(', ')} }`;
  return typeof value === 'string' ? `'${value.replaceAll("'", "\\'")}'` : String(value);
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** `docs/configuration.md` as the schema has it now. */
export function configurationPage(): string {
  const rows = configurationFields().map(
    ({ path, optional, values, standard, meaning, example, isGroup }) => {
      const must = optional ? (standard === undefined ? '' : `\`${cell(standard)}\``) : 'required';
      const shown = isGroup || example === undefined ? '' : `\`${cell(example)}\``;
      return `| \`${path}\` | ${cell(values)} | ${must} | ${cell(meaning)} | ${shown} |`;
    },
  );
  return `# Configuration

\`systems.ts\` exports a list of systems. These are the fields of one. A mistake stops the synth; the message names the field,
what was expected and an example. \`[]\` stands for an entry of a list.

Made from the schema (\`functions/contract/config.ts\` and the files that it imports) by \`npm run golden\`; a test holds it to
it, and tries every example.

| field | values | default | meaning | example |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  writeFileSync(CONFIGURATION_PAGE, configurationPage());
