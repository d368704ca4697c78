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

export interface GraphEdge {
  from: string;
  to: string;
  /** Only an error leads this way. */
  caught: boolean;
}

export interface Graph {
  start: string;
  nodes: GraphNode[];
  edges: GraphEdge[];
}

/** Helper states that belong to the one they are named after: the loop's choice, wait and Maps, the answers of branches. */
const HELPERS = [': done?', ': wait', ': many batches', ': batches', ': answer', ': failed', ': no answer'];

/** The state that a helper is drawn as part of; any other state is drawn itself. */
export function foldedName(state: string): string {
  const helper = HELPERS.find((suffix) => state.endsWith(suffix));
  return helper === undefined ? state : state.slice(0, -helper.length);
}

/** The state machine as a graph of what a person thinks of as its states. */
export function graphOf(definition: Definition): Graph {
  const states = definition.States ?? {};
  const nodes = new Map<string, GraphNode>();
  const edges = new Map<string, GraphEdge>();
  for (const [state, content] of Object.entries(states)) {
    const name = foldedName(state);
    if (!nodes.has(name)) nodes.set(name, { name, branches: (content.Branches ?? []).map(chainOf) });
    const add = (target: string | undefined, caught: boolean): void => {
      if (target === undefined || foldedName(target) === name) return;
      const key = `${name}\n${foldedName(target)}`;
      // The same two states, joined both ways: the ordinary one is the one to draw.
      edges.set(key, {
        from: name,
        to: foldedName(target),
        caught: caught && edges.get(key)?.caught !== false,
      });
    };
    for (const target of ordinaryNext(content)) add(target, false);
    for (const catcher of content.Catch ?? []) add(catcher.Next, true);
  }
  return {
    start: foldedName(definition.StartAt ?? ''),
    nodes: [...nodes.values()],
    edges: [...edges.values()],
  };
}

function ordinaryNext({ Next, Default, Choices }: DefinitionState): string[] {
  return [Next, Default, ...(Choices ?? []).map((choice) => choice.Next)].filter(
    (name) => name !== undefined,
  );
}

/** A branch's states in the order in which they are entered. */
function chainOf(branch: Definition): string[] {
  const states = branch.States ?? {};
  const order = new Set<string>();
  const visit = (name: string | undefined): void => {
    const state = name === undefined ? undefined : states[name];
    if (name === undefined || state === undefined || order.has(name)) return;
    order.add(name);
    for (const next of ordinaryNext(state)) visit(next);
    for (const catcher of state.Catch ?? []) visit(catcher.Next);
  };
  visit(branch.StartAt);
  for (const name of Object.keys(states)) visit(name);
  return [...new Set([...order].map(foldedName))];
}

/** A layer for each node, by the longest way to it. A way that leads back does not count. */
export function layersOf({ start, nodes, edges }: Graph): Map<string, number> {
  const layers = new Map<string, number>(nodes.map((node) => [node.name, 0]));
  const out = Map.groupBy(edges, (edge) => edge.from);
  const visit = (name: string, depth: number, path: Set<string>): void => {
    if (path.has(name) || depth < (layers.get(name) ?? 0)) return;
    layers.set(name, depth);
    const further = new Set(path).add(name);
    for (const edge of out.get(name) ?? []) visit(edge.to, depth + 1, further);
  };
  visit(start, 0, new Set());
  return layers;
}

/** The longest ordinary way from the start: what happens when nothing goes wrong. */
export function spineOf({ start, edges }: Graph): string[] {
  const out = Map.groupBy(
    edges.filter((edge) => !edge.caught),
    (edge) => edge.from,
  );
  const known = new Map<string, string[]>();
  const longest = (name: string, path: Set<string>): string[] => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const further = new Set(path).add(name);
    let best: string[] = [];
    for (const { to } of out.get(name) ?? []) {
      if (further.has(to)) continue;
      const way = longest(to, further);
      if (way.length > best.length) best = way;
    }
    const way = [name, ...best];
    known.set(name, way);
    return way;
  };
  return longest(start, new Set());
}
