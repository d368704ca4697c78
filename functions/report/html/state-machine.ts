import { type Html, html, joined, NOTHING } from '../../contract/html.ts';
import { isOfProof } from '../../contract/steps.ts';
import type { Transition } from '../history.ts';
import { type Labels, stateLabel } from './labels.ts';
import { type Definition, foldedName, type Graph, type GraphEdge, graphOf } from './state-graph.ts';
import {
  BOX,
  GROUP_TITLE,
  type Layout,
  layOutStates,
  PADDING,
  type Placed,
  type Point,
  routeOf,
} from './state-layout.ts';

export interface StateMachineProps {
  definition: Definition;
  /** States that were entered. */
  visited: string[];
  /** From which state each was entered. */
  transitions: Transition[];
  /** States whose last try failed. */
  failed: string[];
  labels: Labels;
}

interface Marks {
  taken: Set<string>;
  failed: Set<string>;
  labels: Labels;
}

/** The state machine as a picture, the way taken in colour. Loops and answers are part of their step, so that it stays readable. */
export function renderStateMachine(props: StateMachineProps): Html {
  const { definition, visited, transitions, failed, labels } = props;
  const graph = visited.some(isOfProof) ? graphOf(definition) : withoutProof(graphOf(definition));
  if (graph.nodes.length === 0) return html`<p>${labels.none}</p>`;
  const layout = layOutStates(graph);
  const marks: Marks = {
    taken: new Set(visited.map(foldedName)),
    failed: new Set(failed.map(foldedName)),
    labels,
  };
  const ways = waysTaken(graph, transitions);
  const isTaken = (edge: GraphEdge): boolean => ways.has(`${edge.from}\n${edge.to}`);
  // Nearly every state may fail, so those ways are drawn only where they were taken. What was taken lies on top.
  const edges = graph.edges
    .filter((edge) => !edge.caught || isTaken(edge))
    .sort((a, b) => Number(isTaken(a)) - Number(isTaken(b)))
    .map((edge) => drawEdge(edge, isTaken(edge), layout));
  const nodes = [...layout.placed.values()].map((placed) => drawNode(placed, marks));
  return joined([
    legend(labels),
    html`<div class="scroll machine" tabindex="0" role="region" aria-label="${labels.stateMachine}">`,
    html`<svg style="min-width:${Math.round(layout.width * 0.86)}px" viewBox="0 0 ${layout.width} ${layout.height}" role="img" aria-label="${description(graph, marks)}">`,
    ...edges,
    ...nodes,
    html`</svg></div>`,
  ]);
}

/** A run that only proves a backup goes a way of its own. Beside any other run it would only be in the way. */
function withoutProof({ start, nodes, edges }: Graph): Graph {
  return {
    start,
    nodes: nodes.filter(({ name }) => !isOfProof(name)),
    edges: edges.filter(({ from, to }) => !isOfProof(from) && !isOfProof(to)),
  };
}

/** In words what the colours say, for who does not see them. */
function description(graph: Graph, { taken, failed, labels }: Marks): string {
  const names = graph.nodes.flatMap((node) => [node.name, ...node.branches.flat()]);
  const list = (chosen: Set<string>): string =>
    names
      .filter((name) => chosen.has(name))
      .map((name) => stateLabel(labels, name))
      .join(', ') || labels.none;
  return `${labels.legend.taken}: ${list(taken)}. ${labels.legend.failed}: ${list(failed)}.`;
}

function legend(labels: Labels): Html {
  const { taken, failed, notTaken, caught } = labels.legend;
  const key = (kind: string, text: string): Html => html`<li><span class="key ${kind}"></span>${text}</li>`;
  return html`<ul class="legend">${key('taken', taken)}${key('failed', failed)}${key('', notTaken)}${key('caught', caught)}</ul>`;
}

/** Transitions between what is drawn: a branch's state stands for its parallel state. */
function waysTaken(graph: Graph, transitions: Transition[]): Set<string> {
  const owner = new Map(graph.nodes.flatMap((node) => node.branches.flat().map((name) => [name, node.name])));
  const drawn = (state: string): string => {
    const name = foldedName(state);
    return owner.get(name) ?? name;
  };
  return new Set(transitions.map(({ from, to }) => `${drawn(from)}\n${drawn(to)}`));
}

function drawEdge(edge: GraphEdge, taken: boolean, layout: Layout): Html {
  const points = routeOf(edge, layout);
  if (points === undefined) return NOTHING;
  const kind = edge.caught ? 'caught' : taken ? 'taken' : '';
  return html`<g class="edge ${kind}"><path d="${path(points)}"/><path class="head" d="${arrowHead(points)}"/></g>`;
}

const CORNER = 8;

/** Straight lines with round corners. */
function path(points: Point[]): string {
  return points
    .map((point, index) => {
      const before = points[index - 1];
      const after = points[index + 1];
      if (before === undefined) return `M${text(point)}`;
      if (after === undefined) return `L${text(point)}`;
      return `L${text(towards(point, before))} Q${text(point)} ${text(towards(point, after))}`;
    })
    .join(' ');
}

function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const part = length === 0 ? 0 : Math.min(CORNER, length / 2) / length;
  return [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part];
}

function arrowHead(points: Point[]): string {
  const end = points.at(-1) ?? [0, 0];
  const before = points.at(-2) ?? end;
  const length = Math.hypot(end[0] - before[0], end[1] - before[1]) || 1;
  const [dx, dy] = [(end[0] - before[0]) / length, (end[1] - before[1]) / length];
  const corner = (side: number): Point => [end[0] - dx * 8 - dy * 4 * side, end[1] - dy * 8 + dx * 4 * side];
  return `M${text(end)} L${text(corner(1))} L${text(corner(-1))} Z`;
}

function text([x, y]: Point): string {
  return `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
}

function drawNode({ node, x, y, width, height }: Placed, marks: Marks): Html {
  if (node.branches.length === 0) return box(node.name, stateLabel(marks.labels, node.name), x, y, marks);
  const title = stateLabel(marks.labels, node.name);
  const states = node.branches.flatMap((branch, column) =>
    branch.map((name, row) =>
      box(
        name,
        withoutTitle(stateLabel(marks.labels, name), title),
        x + PADDING + column * (BOX.width + PADDING),
        y + GROUP_TITLE + PADDING + row * (BOX.height + PADDING),
        marks,
      ),
    ),
  );
  return joined([
    html`<rect class="group ${marks.taken.has(node.name) ? 'taken' : ''}" x="${x}" y="${y}" width="${width}" height="${height}" rx="10"/>`,
    html`<text class="soft" data-state="${node.name}" x="${x + PADDING}" y="${y + 19}">${title}</text>`,
    ...states,
  ]);
}

/** In the group "Roll back" the state "Roll back: start services" needs no more than "start services". */
function withoutTitle(label: string, title: string): string {
  const prefix = [`${title}: `, `${title}：`].find((start) => label.startsWith(start));
  return prefix === undefined ? label : label.slice(prefix.length);
}

/** Characters that fit into a box; a Chinese one is as wide as two others. */
const FITTING = 29;

function box(name: string, label: string, x: number, y: number, { taken, failed }: Marks): Html {
  const kind = failed.has(name) ? 'failed' : taken.has(name) ? 'taken' : '';
  return html`<g><title>${label}</title><rect class="state ${kind}" x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="7"/><text data-state="${name}" class="${kind}" x="${x + BOX.width / 2}" y="${y + 22}" text-anchor="middle">${shortened(label)}</text></g>`;
}

function shortened(label: string): string {
  let width = 0;
  let shown = '';
  for (const character of label) {
    width += (character.codePointAt(0) ?? 0) > 0x2e7f ? 2 : 1;
    if (width > FITTING) return `${shown}…`;
    shown += character;
  }
  return shown;
}
