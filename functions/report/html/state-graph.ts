/** Amazon States Language, as far as the picture looks into it. */
export interface Definition {
  StartAt?: string;
  States?: Record<string, DefinitionState>;
}

interface DefinitionState {
  Type: string;
  Next?: string;
  Default?: string;
  Choices?: { Next?: string }[];
  Catch?: { Next: string }[];
  Branches?: Definition[];
}

export interface GraphNode {
  name: string;
  /** Branches of a parallel state: chains of names. */
  branches: string[][];
}

export interface Graph {
  nodes: GraphNode[];
  edges: { from: string; to: string; caught: boolean }[];
  /** Layer of each node: the longest way to it. */
  layers: Map<string, number>;
}

/** Helper states that belong to the one they are named after: the loop's choice and wait, the answers of branches. */
const HELPERS = [': done?', ': wait', ': answer', ': failed', ': no answer'];

/** The state that a helper is drawn as part of; any other state is drawn itself. */
export function foldedName(state: string): string {
  const helper = HELPERS.find((suffix) => state.endsWith(suffix));
  return helper === undefined ? state : state.slice(0, -helper.length);
}

/** The state machine as a graph of what a person thinks of as its states. */
export function graphOf(definition: Definition): Graph {
  const states = definition.States ?? {};
  const nodes = new Map<string, GraphNode>();
  const edges = new Map<string, { from: string; to: string; caught: boolean }>();
  for (const [state, content] of Object.entries(states)) {
    const name = foldedName(state);
    if (!nodes.has(name)) nodes.set(name, { name, branches: (content.Branches ?? []).map(chainOf) });
    const add = (target: string | undefined, caught: boolean): void => {
      if (target === undefined || foldedName(target) === name) return;
      const key = `${name}→${foldedName(target)}→${caught}`;
      edges.set(key, { from: name, to: foldedName(target), caught });
    };
    add(content.Next, false);
    add(content.Default, false);
    for (const choice of content.Choices ?? []) add(choice.Next, false);
    for (const catcher of content.Catch ?? []) add(catcher.Next, true);
  }
  const list = [...edges.values()];
  return {
    nodes: [...nodes.values()],
    edges: list,
    layers: layersOf(foldedName(definition.StartAt ?? ''), [...nodes.keys()], list),
  };
}

function chainOf(branch: Definition): string[] {
  const names = Object.keys(branch.States ?? {}).map(foldedName);
  const start = foldedName(branch.StartAt ?? '');
  return [...new Set([start, ...names])].filter((name) => name !== '');
}

/** Longest path from the start; a way back (there is none but a loop's own) does not count. */
function layersOf(start: string, names: string[], edges: Graph['edges']): Map<string, number> {
  const layers = new Map<string, number>(names.map((name) => [name, 0]));
  const visit = (name: string, depth: number, path: Set<string>): void => {
    if (path.has(name) || depth < (layers.get(name) ?? 0)) return;
    layers.set(name, depth);
    const further = new Set(path).add(name);
    for (const edge of edges) if (edge.from === name) visit(edge.to, depth + 1, further);
  };
  visit(start, 0, new Set());
  return layers;
}
