import type { NormalizedSchema } from '@smithy/core/schema';
import { expectedKind, Problems } from './problem.ts';
import { parseScalar, XML_SETTINGS } from './scalar.ts';

/** A form's parameters as a tree: `Tags.Tag.1.Key=x` becomes Tags → Tag → 1 → Key → "x". */
interface Node {
  value?: string;
  children: Map<string, Node>;
}

/** The two dialects of the Query protocol. */
type Dialect = 'awsQuery' | 'ec2Query';

/** Parameters of every Query request that belong to no operation. */
const PROTOCOL_PARAMETERS = new Set(['Action', 'Version']);

/**
 * Reads a Query form into an operation's input.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html, https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
 */
export function readQueryInput(
  schema: NormalizedSchema,
  form: URLSearchParams,
  dialect: Dialect,
): { input: Record<string, unknown>; problems: Problems } {
  const problems = new Problems();
  const root: Node = { children: new Map() };
  for (const [key, value] of form) {
    if (PROTOCOL_PARAMETERS.has(key)) continue;
    let node = root;
    for (const part of key.split('.')) {
      const child = node.children.get(part) ?? { children: new Map() };
      node.children.set(part, child);
      node = child;
    }
    node.value = value;
  }
  const reader = new Reader(dialect, problems);
  const input = schema.isUnitSchema() ? reader.nothing(root) : reader.structure(schema, root, []);
  return { input, problems };
}

type Path = readonly (string | number)[];

class Reader {
  readonly #dialect: Dialect;
  readonly #problems: Problems;

  constructor(dialect: Dialect, problems: Problems) {
    this.#dialect = dialect;
    this.#problems = problems;
  }

  nothing(node: Node): Record<string, unknown> {
    for (const name of node.children.keys()) this.#problems.unknown([name]);
    return {};
  }

  structure(schema: NormalizedSchema, node: Node, path: Path): Record<string, unknown> {
    const read: Record<string, unknown> = {};
    const names = new Set<string>();
    for (const [member, memberSchema] of schema.structIterator()) {
      const name = this.#wireName(member, memberSchema);
      names.add(name);
      const child = node.children.get(name);
      if (child !== undefined) read[member] = this.#value(memberSchema, child, [...path, member]);
    }
    for (const name of node.children.keys()) {
      if (!names.has(name)) this.#problems.unknown([...path, name]);
    }
    if (node.value !== undefined && path.length > 0) this.#problems.type(path, 'a structure', 'a text');
    return read;
  }

  #value(schema: NormalizedSchema, node: Node, path: Path): unknown {
    if (schema.isStructSchema()) return this.structure(schema, node, path);
    if (schema.isListSchema()) return this.#list(schema, node, path);
    if (schema.isMapSchema()) return this.#map(schema, node, path);
    if (node.value === undefined || node.children.size > 0) {
      this.#problems.type(path, expectedKind(schema), 'something with parts');
      return undefined;
    }
    const value = parseScalar(schema, node.value, XML_SETTINGS);
    if (value === undefined) this.#problems.type(path, expectedKind(schema), `"${shorten(node.value)}"`);
    return value;
  }

  #list(schema: NormalizedSchema, node: Node, path: Path): unknown[] {
    // `Name=` alone is how an empty list is sent.
    if (node.children.size === 0) {
      if (node.value !== '') this.#problems.type(path, 'a list', 'a text');
      return [];
    }
    const item = schema.getValueSchema();
    const flat = this.#dialect === 'ec2Query' || Boolean(schema.getMergedTraits().xmlFlattened);
    const items = flat
      ? node
      : this.#only(node, [item.getMergedTraits().xmlName ?? 'member', 'member'], path);
    return this.#indexed(items, path).map(([index, child]) => this.#value(item, child, [...path, index]));
  }

  #map(schema: NormalizedSchema, node: Node, path: Path): Record<string, unknown> {
    const keyName = schema.getKeySchema().getMergedTraits().xmlName ?? 'key';
    const valueName = schema.getValueSchema().getMergedTraits().xmlName ?? 'value';
    const entries = schema.getMergedTraits().xmlFlattened ? node : this.#only(node, ['entry'], path);
    const read: Record<string, unknown> = {};
    for (const [index, entry] of this.#indexed(entries, path)) {
      const key = entry.children.get(keyName)?.value;
      const value = entry.children.get(valueName);
      if (key === undefined || value === undefined) {
        this.#problems.type([...path, index], `${keyName} and ${valueName}`, 'one of them');
        continue;
      }
      read[key] = this.#value(schema.getValueSchema(), value, [...path, key]);
    }
    return read;
  }

  /** The node below the first of `names` that is there; every other child is unknown. */
  #only(node: Node, names: string[], path: Path): Node {
    const name = names.find((candidate) => node.children.has(candidate));
    for (const other of node.children.keys()) {
      if (other !== name) this.#problems.unknown([...path, other]);
    }
    return (name === undefined ? undefined : node.children.get(name)) ?? { children: new Map() };
  }

  /** The children of a list in the order of their numbers. */
  #indexed(node: Node, path: Path): [index: number, child: Node][] {
    const indexed: [number, Node][] = [];
    for (const [name, child] of node.children) {
      if (/^[1-9]\d*$/.test(name)) indexed.push([Number(name), child]);
      else this.#problems.unknown([...path, name]);
    }
    return indexed.sort(([left], [right]) => left - right);
  }

  #wireName(member: string, schema: NormalizedSchema): string {
    const traits = schema.getMergedTraits() as { ec2QueryName?: string; xmlName?: string };
    if (this.#dialect === 'awsQuery') return traits.xmlName ?? member;
    if (traits.ec2QueryName !== undefined) return traits.ec2QueryName;
    const name = traits.xmlName ?? member;
    return name.charAt(0).toUpperCase() + name.slice(1);
  }
}

function shorten(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}
