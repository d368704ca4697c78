import { type Graph, type GraphEdge, type GraphNode, layersOf, spineOf } from './state-graph.ts';

export const BOX = { width: 196, height: 34 };
export const PADDING = 12;
/** Room for a group's own name above its states. */
export const GROUP_TITLE = 18;
const GAP = 30;
const SIDE_GAP = 28;
/** Between the spine and the side column; the way of an error runs down in its middle. */
const LANE = 64;
const MARGIN = 32;

export interface Placed {
  node: GraphNode;
  x: number;
  y: number;
  width: number;
  height: number;
  /** On the way taken when nothing goes wrong. */
  spine: boolean;
}

export interface Layout {
  placed: Map<string, Placed>;
  width: number;
  height: number;
  /** Centre of the lane between the two columns. */
  lane: number;
}

export type Point = [x: number, y: number];

/**
 * The spine is one column from top to bottom; whatever else there is stands to its right, in the row of its layer.
 * Ways past several rows run in the lanes beside the spine, so that none crosses a state.
 */
export function layOutStates(graph: Graph): Layout {
  const spine = new Set(spineOf(graph));
  const layers = layersOf(graph);
  const rows = [...Map.groupBy(graph.nodes, (node) => layers.get(node.name) ?? 0)]
    .sort(([a], [b]) => a - b)
    .map(([, row]) => row);
  const spineWidth = Math.max(
    0,
    ...graph.nodes.filter(({ name }) => spine.has(name)).map((node) => sizeOf(node).width),
  );
  const centre = MARGIN + spineWidth / 2;
  const side = MARGIN + spineWidth + LANE;
  const placed = new Map<string, Placed>();
  let y = 8;
  let width = side - LANE + MARGIN;
  for (const row of rows) {
    const height = Math.max(...row.map((node) => sizeOf(node).height));
    let x = side;
    for (const node of row) {
      const size = sizeOf(node);
      const onSpine = spine.has(node.name);
      placed.set(node.name, {
        node,
        x: onSpine ? centre - size.width / 2 : x,
        y,
        ...size,
        spine: onSpine,
      });
      if (onSpine) continue;
      x += size.width + SIDE_GAP;
      width = Math.max(width, x - SIDE_GAP + 8);
    }
    y += height + GAP;
  }
  return { placed, width: Math.ceil(width), height: y - GAP + 8, lane: side - LANE / 2 };
}

function sizeOf(node: GraphNode): { width: number; height: number } {
  if (node.branches.length === 0) return BOX;
  const longest = Math.max(...node.branches.map((branch) => branch.length));
  return {
    width: node.branches.length * (BOX.width + PADDING) + PADDING,
    height: longest * (BOX.height + PADDING) + PADDING + GROUP_TITLE,
  };
}

/** The corners of a way from one state to another. Undefined when one of them is not drawn. */
export function routeOf(edge: GraphEdge, { placed, lane }: Layout): Point[] | undefined {
  const from = placed.get(edge.from);
  const to = placed.get(edge.to);
  if (from === undefined || to === undefined) return undefined;
  const out: Point = [from.x + from.width / 2, from.y + from.height];
  const into: Point = [to.x + to.width / 2, to.y];
  const between = [...placed.values()].some(
    (other) => other.spine && other !== from && other !== to && other.y > from.y && other.y < to.y,
  );
  const back = to.y < from.y;
  if (to.spine && (back || (from.spine && between))) {
    const left = MARGIN / 2;
    const middle = to.y + to.height / 2;
    return [
      [from.x, from.y + from.height / 2],
      [left, from.y + from.height / 2],
      [left, middle],
      [to.x, middle],
    ];
  }
  if (from.spine && !to.spine && between) {
    const middle = to.y + to.height / 2;
    return [
      [from.x + from.width, from.y + from.height / 2],
      [lane, from.y + from.height / 2],
      [lane, middle],
      [to.x, middle],
    ];
  }
  if (out[0] === into[0]) return [out, into];
  const turn = into[1] - GAP / 2;
  return [out, [out[0], turn], [into[0], turn], into];
}
