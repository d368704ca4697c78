import { isReferencePath, keysOf } from './expressions.ts';
import type { AslMachine, AslRule, AslState } from './machine.ts';

/**
 * What is known of a state's data. `open`: something that a function answered, of which nothing is known but the keys that were written
 * since. `closed`: these keys and no others. `plain`: no object, so nothing can be written below it.
 */
type Data =
  | { kind: 'open' | 'closed'; keys: ReadonlyMap<string, { data: Data; by: string }> }
  | { kind: 'plain' };

const UNKNOWN: Data = { kind: 'open', keys: new Map() };
const PLAIN: Data = { kind: 'plain' };

/**
 * Follows the data of a machine along each path: nobody reads what another state has overwritten, or what no state writes. A result
 * that is written over the object in which another state's result lies is a collision.
 */
export function problemsOfData(machine: AslMachine, input: Data = UNKNOWN): string[] {
  const problems = new Set<string>();
  outputOf(machine, input, problems);
  return [...problems];
}

/** The data at the end of a machine: what is known on all ways there. */
function outputOf(machine: AslMachine, input: Data, problems: Set<string>): Data {
  const inputs = new Map<string, Data>([[machine.StartAt, input]]);
  const queue = [machine.StartAt];
  let output: Data | undefined;
  const flow = (name: string | undefined, data: Data): void => {
    if (name === undefined || machine.States[name] === undefined) return;
    const known = inputs.get(name);
    const joined = known === undefined ? data : join(known, data);
    if (known !== undefined && isSame(known, joined)) return;
    inputs.set(name, joined);
    queue.push(name);
  };
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const state = machine.States[name];
    const data = inputs.get(name);
    if (state === undefined || data === undefined) continue;
    // Each visit is of a way that a run may take, so what is found in any of them counts.
    const own = new Set<string>();
    const result = passThrough(name, state, data, own);
    for (const { Next, ResultPath } of state.Catch ?? [])
      flow(Next, write(data, ResultPath, UNKNOWN, `${name}: Catch`, own));
    for (const rule of state.Choices ?? []) flow(rule.Next, result);
    flow(state.Default, result);
    flow(state.Next, result);
    for (const problem of own) problems.add(`${name}: ${problem}`);
    if (state.End === true || state.Type === 'Succeed')
      output = output === undefined ? result : join(output, result);
  }
  return output ?? UNKNOWN;
}

function passThrough(name: string, state: AslState, data: Data, problems: Set<string>): Data {
  const read = (path: unknown, where: string): Data => readPath(data, path, where, problems);
  for (const key of ['InputPath', 'ItemsPath', 'SecondsPath', 'ErrorPath', 'CausePath'] as const)
    read(state[key], key);
  for (const key of ['Parameters', 'ItemSelector', 'ItemReader'] as const)
    for (const path of pathsIn(state[key])) read(path, key);
  for (const rule of state.Choices ?? []) readRule(data, rule, problems);
  const result = resultOf(state, data, problems);
  const merged = result === undefined ? data : write(data, state.ResultPath, result, name, problems);
  return state.OutputPath === undefined || state.OutputPath === null
    ? merged
    : readPath(merged, state.OutputPath, 'OutputPath', problems);
}

/** What a state answers; undefined when it answers its own input. */
function resultOf(state: AslState, data: Data, problems: Set<string>): Data | undefined {
  const answered = rawResultOf(state, data, problems);
  if (state.ResultSelector === undefined) return answered;
  return shapeOf(state.ResultSelector);
}

function rawResultOf(state: AslState, data: Data, problems: Set<string>): Data | undefined {
  if (state.Type === 'Parallel') {
    const outputs = (state.Branches ?? []).map((branch) => outputOf(branch, data, problems));
    // A result selector may read `$[2].volumes`: of a branch that has such an answer.
    for (const path of pathsIn(state.ResultSelector)) {
      const [index, ...keys] = keysOf(path);
      const output = outputs[Number(index)];
      if (output === undefined) problems.add(`ResultSelector reads "${path}", and there is no such branch`);
      else readKeys(output, keys, `ResultSelector "${path}"`, problems);
    }
    return PLAIN;
  }
  if (state.Type === 'Map') {
    const item = state.ItemSelector === undefined ? UNKNOWN : shapeOf(state.ItemSelector);
    if (state.ItemProcessor !== undefined) outputOf(state.ItemProcessor, item, problems);
    return PLAIN;
  }
  if (state.Type === 'Task') return UNKNOWN;
  if (state.Type === 'Pass' && state.Result !== undefined) return shapeOf(state.Result);
  if (state.Type === 'Pass' && state.Parameters !== undefined) return shapeOf(state.Parameters);
  return undefined;
}

/** Puts a result where `ResultPath` says. */
function write(
  data: Data,
  path: string | null | undefined,
  result: Data,
  by: string,
  problems: Set<string>,
): Data {
  if (path === null) return data;
  if (path === undefined || path === '$') return result;
  const put = (target: Data, [key, ...rest]: string[]): Data => {
    if (key === undefined) return result;
    if (target.kind === 'plain') {
      problems.add(`ResultPath "${path}" lies in something that is no object: States.ResultPathMatchFailure`);
      return target;
    }
    const old = target.keys.get(key);
    if (rest.length === 0 && old !== undefined) noteCollision(old, path, by, problems);
    const inner = put(old?.data ?? { kind: 'closed', keys: new Map() }, rest);
    return {
      kind: target.kind,
      keys: new Map(target.keys).set(key, { data: inner, by: rest.length === 0 ? by : (old?.by ?? by) }),
    };
  };
  return put(data, keysOf(path));
}

/** A function's answer over an object that holds another state's answer: that one is lost. */
function noteCollision(
  old: { data: Data; by: string },
  path: string,
  by: string,
  problems: Set<string>,
): void {
  if (old.data.kind === 'plain') return;
  for (const [key, { by: writer }] of old.data.keys)
    if (writer !== by && writer !== old.by)
      problems.add(`ResultPath "${path}" overwrites "${key}" in it, which ${writer} wrote`);
}

function readRule(data: Data, rule: AslRule, problems: Set<string>): void {
  const guarded = new Set(
    (rule.And ?? []).flatMap((each) => (each['IsPresent'] === true ? [each.Variable] : [])),
  );
  for (const each of [...(rule.And ?? []), ...(rule.Or ?? []), ...(rule.Not === undefined ? [] : [rule.Not])])
    if (![...guarded].some((path) => path !== undefined && each.Variable?.startsWith(path) === true))
      readRule(data, each, problems);
  if ('IsPresent' in rule) return;
  readPath(data, rule.Variable, 'Variable', problems);
}

function readPath(data: Data, path: unknown, where: string, problems: Set<string>): Data {
  if (!isReferencePath(path) || path.startsWith('$$')) return UNKNOWN;
  return readKeys(data, keysOf(path), `${where} "${path}"`, problems);
}

function readKeys(data: Data, keys: string[], what: string, problems: Set<string>): Data {
  let current = data;
  for (const key of keys) {
    if (current.kind === 'plain') return UNKNOWN;
    const found = current.keys.get(key);
    if (found === undefined && current.kind === 'closed')
      problems.add(
        `${what} is read, and on a way there nobody has written "${key}" or another has overwritten it`,
      );
    current = found?.data ?? UNKNOWN;
  }
  return current;
}

/** Paths in a payload template that are read from the state's data. */
function pathsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(pathsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    key.endsWith('.$')
      ? (String(each)
          .match(/\$[^,)\s]*/g)
          ?.filter((path) => !path.startsWith('$$')) ?? [])
      : pathsIn(each),
  );
}

/** Of a literal or a template: its keys, and no others. */
function shapeOf(value: unknown): Data {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return PLAIN;
  const keys = Object.entries(value).map(
    ([key, each]) =>
      [
        key.replace(/\.\$$/, ''),
        { data: key.endsWith('.$') ? UNKNOWN : shapeOf(each), by: 'a template' },
      ] as const,
  );
  return { kind: 'closed', keys: new Map(keys) };
}

/** What is known on both ways: a key of both; and nothing is missing that is open on either. */
function join(one: Data, other: Data): Data {
  if (one.kind === 'plain' || other.kind === 'plain') return one.kind === other.kind ? one : UNKNOWN;
  const keys = new Map<string, { data: Data; by: string }>();
  for (const [key, { data, by }] of one.keys) {
    const match = other.keys.get(key);
    if (match !== undefined)
      keys.set(key, { data: join(data, match.data), by: by === match.by ? by : 'several states' });
  }
  return { kind: one.kind === 'open' || other.kind === 'open' ? 'open' : 'closed', keys };
}

function isSame(one: Data, other: Data): boolean {
  if (one.kind !== other.kind) return false;
  if (one.kind === 'plain' || other.kind === 'plain') return true;
  return (
    one.keys.size === other.keys.size &&
    [...one.keys].every(([key, { data, by }]) => {
      const match = other.keys.get(key);
      return match !== undefined && match.by === by && isSame(data, match.data);
    })
  );
}
