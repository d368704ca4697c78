import { escapeHtml } from '../../shared/html.ts';
import type { Labels } from './labels.ts';
import { type Definition, foldedName, type GraphNode, graphOf } from './state-graph.ts';

export interface StateMachineProps {
  definition: Definition;
  /** States that were entered. */
  visited: string[];
  /** Steps that failed. */
  failed: string[];
  labels: Labels;
}

const BOX = { width: 210, height: 34 };
const GAP = { x: 28, y: 26 };
const PADDING = 12;

interface Placed {
  node: GraphNode;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The state machine as a picture, the way taken in colour. Loops and answers are part of their step, so that it stays readable. */
export function renderStateMachine({ definition, visited, failed, labels }: StateMachineProps): string {
  const graph = graphOf(definition);
  if (graph.nodes.length === 0) return `<p>${escapeHtml(labels.none)}</p>`;
  const taken = new Set(visited.map(foldedName));
  const broken = new Set(failed);
  const { placed, width, height } = place(graph.nodes, graph.layers);
  const path = wayTaken(visited);
  const edges = graph.edges
    .filter((edge) => !edge.caught || (taken.has(edge.to) && isFailed(edge.from, placed, broken)))
    .map((edge) => drawEdge(edge, placed, path, graph.layers, width));
  const nodes = [...placed.values()].map((entry) => drawNode(entry, taken, broken, labels));
  return `<div class="scroll"><svg style="width:100%;min-width:720px;height:auto" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(labels.stateMachine)}">${edges.join('')}${nodes.join('')}</svg></div>`;
}

/** The transitions that were made: from each state to each one entered after it, before any of its other successors. */
function wayTaken(visited: string[]): Set<string> {
  const names = [...new Set(visited.map(foldedName))];
  return new Set(
    names.flatMap((from, index) =>
      names.slice(index + 1, index + 2 + BRANCH_STATES).map((to) => `${from}→${to}`),
    ),
  );
}

/** A parallel state's own branches are entered between it and its successor. */
const BRANCH_STATES = 3;

function isFailed(name: string, placed: Map<string, Placed>, broken: Set<string>): boolean {
  const branches = placed.get(name)?.node.branches.flat() ?? [];
  return broken.has(name) || branches.some((state) => broken.has(state));
}

function sizeOf(node: GraphNode): { width: number; height: number } {
  if (node.branches.length === 0) return BOX;
  const longest = Math.max(...node.branches.map((branch) => branch.length));
  return {
    width: node.branches.length * BOX.width + (node.branches.length + 1) * PADDING,
    height: longest * BOX.height + (longest + 1) * PADDING + 16,
  };
}

function place(
  nodes: GraphNode[],
  layers: Map<string, number>,
): { placed: Map<string, Placed>; width: number; height: number } {
  const rows = [...Map.groupBy(nodes, (node) => layers.get(node.name) ?? 0)]
    .sort(([a], [b]) => a - b)
    .map(([, row]) => row);
  const widthOf = (row: GraphNode[]): number =>
    row.reduce((sum, node) => sum + sizeOf(node).width, 0) + (row.length - 1) * GAP.x;
  // Room at both sides for the edges that pass by several layers.
  const width = Math.max(...rows.map(widthOf)) + 160;
  const placed = new Map<string, Placed>();
  let y = 8;
  for (const row of rows) {
    let x = (width - widthOf(row)) / 2;
    for (const node of row) {
      placed.set(node.name, { node, x, y, ...sizeOf(node) });
      x += sizeOf(node).width + GAP.x;
    }
    y += Math.max(...row.map((node) => sizeOf(node).height)) + GAP.y;
  }
  return { placed, width: Math.ceil(width), height: y };
}

function drawEdge(
  edge: { from: string; to: string; caught: boolean },
  placed: Map<string, Placed>,
  path: Set<string>,
  layers: Map<string, number>,
  width: number,
): string {
  const from = placed.get(edge.from);
  const to = placed.get(edge.to);
  if (from === undefined || to === undefined) return '';
  const kind = edge.caught ? 'caught' : path.has(`${edge.from}→${edge.to}`) ? 'taken' : '';
  const start = { x: from.x + from.width / 2, y: from.y + from.height };
  const end = { x: to.x + to.width / 2, y: to.y };
  const distance = (layers.get(edge.to) ?? 0) - (layers.get(edge.from) ?? 0);
  if (distance <= 1) {
    const middle = (start.y + end.y) / 2;
    return `<path class="edge ${kind}" d="M${start.x} ${start.y} C${start.x} ${middle} ${end.x} ${middle} ${end.x} ${end.y}"/>`;
  }
  // Past several layers: along the side, errors on the left, the ordinary ways on the right.
  const side = edge.caught ? 24 : width - 24;
  const out = { x: edge.caught ? from.x : from.x + from.width, y: from.y + from.height / 2 };
  const into = { x: edge.caught ? to.x : to.x + to.width, y: to.y + to.height / 2 };
  return `<path class="edge ${kind}" d="M${out.x} ${out.y} C${side} ${out.y} ${side} ${out.y} ${side} ${out.y + 24} L${side} ${into.y - 24} C${side} ${into.y} ${side} ${into.y} ${into.x} ${into.y}"/>`;
}

function drawNode(
  { node, x, y, width, height }: Placed,
  taken: Set<string>,
  broken: Set<string>,
  labels: Labels,
): string {
  if (node.branches.length === 0) return box(node.name, x, y, taken, broken, labels);
  const group = `<rect class="group ${taken.has(node.name) ? 'taken' : ''}" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/><text class="soft" x="${x + PADDING}" y="${y + 16}">${escapeHtml(node.name)}</text>`;
  const states = node.branches.flatMap((branch, column) =>
    branch.map((name, row) =>
      box(
        name,
        x + PADDING + column * (BOX.width + PADDING),
        y + 16 + PADDING + row * (BOX.height + PADDING),
        taken,
        broken,
        labels,
      ),
    ),
  );
  return group + states.join('');
}

function box(
  name: string,
  x: number,
  y: number,
  taken: Set<string>,
  broken: Set<string>,
  labels: Labels,
): string {
  const kind = broken.has(name) ? 'failed' : taken.has(name) ? 'taken' : '';
  const text = Object.entries(labels.steps).find(([step]) => step === name)?.[1] ?? name;
  const shown = text.length > 30 ? `${text.slice(0, 29)}…` : text;
  return `<g><title>${escapeHtml(text)}</title><rect class="state ${kind}" x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="6"/><text x="${x + BOX.width / 2}" y="${y + 22}" text-anchor="middle">${escapeHtml(shown)}</text></g>`;
}
