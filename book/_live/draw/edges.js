// The ways between the boxes of a diagram: straight, beside the way back, or round what stands in between. The twin of
// netlab/show/edges.py.

/** @import {Pair} from "./types" */

/** @typedef {{x: number, y: number, wide: number, high: number, lines: string[]}} State a box by its centre, and its name */
/** @typedef {Map<string, State>} Boxes */
/**
 * A way between the two states at its `ends`, an arc whose height is half of `bend` times its length; `back` where
 * there is a way back beside it.
 * @typedef {{ends: [string, string], text: string, back: boolean, start: Pair, stop: Pair, bend: number}} Edge
 */

/** The direction to the right of the way between two points, as y runs down. @param {Pair} start @param {Pair} stop @returns {Pair} */
export function normal(start, stop) {
  const [dx, dy] = [stop[0] - start[0], stop[1] - start[1]];
  const long = Math.hypot(dx, dy) || 1;
  return [-dy / long, dx / long];
}

/** The point after a share of the way. @param {Edge} edge @param {number} share @returns {Pair} */
export function pointAt({ start, stop, bend }, share) {
  const [nx, ny] = normal(start, stop);
  const sag = 2 * share * (1 - share) * bend * Math.hypot(stop[0] - start[0], stop[1] - start[1]);
  return [start[0] + (stop[0] - start[0]) * share + nx * sag, start[1] + (stop[1] - start[1]) * share + ny * sag];
}

/** Points all along the way. @param {Edge} edge */
export function way(edge, steps = 16) {
  return Array.from({ length: steps + 1 }, (_, n) => pointAt(edge, n / steps));
}

/** @param {Boxes} boxes @param {string} name */
function find(boxes, name) {
  return /** @type {State} */ (boxes.get(name));
}

/**
 * Return the edge with its way on a canvas of this `width`.
 * @param {Boxes} boxes
 * @param {Edge} edge
 * @param {number} width
 * @returns {Edge}
 */
export function route(boxes, edge, width) {
  const [a, b] = edge.ends.map((end) => find(boxes, end));
  if (a === b) return loop(boxes, edge);
  const [nx, ny] = normal([a.x, a.y], [b.x, b.y]);
  const blocked = between(boxes, ...edge.ends);
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const long = Math.hypot(dx, dy) || 1;
  const aside = /** @type {Pair} */ (edge.back && !blocked ? [nx * 7, ny * 7] : [0, 0]);
  let bend = 0;
  if (blocked) {
    const inner = [...boxes.values()].reduce((sum, o) => sum + (o.x - a.x) * nx + (o.y - a.y) * ny, 0) > 0;
    bend = ((2 * bulge(boxes, edge, Math.abs(nx) > Math.abs(ny), width)) / long) * (inner ? -1 : 1);
  }
  const [rx, ry] = [nx * bend * 2 * long, ny * bend * 2 * long];
  return { ...edge, start: border(a, [dx + rx, dy + ry], 2, aside), stop: border(b, [rx - dx, ry - dy], 3, aside), bend };
}

/** The way from a state to itself: over its box, or under it in the lowest row. @param {Boxes} boxes @param {Edge} edge @returns {Edge} */
function loop(boxes, edge) {
  const o = find(boxes, edge.ends[0]);
  const heights = [...boxes.values()].map((box) => box.y);
  const up = o.y === Math.max(...heights) && o.y > Math.min(...heights) ? -1 : 1;
  const y = o.y - (up * o.high) / 2;
  return { ...edge, start: [o.x - 14 * up, y], stop: [o.x + 14 * up, y], bend: -1.6 };
}

/**
 * Return how many px an arc must leave the straight way to pass by the widest box, within the canvas.
 * @param {Boxes} boxes
 * @param {Edge} edge
 * @param {boolean} upright
 * @param {number} width
 */
function bulge(boxes, edge, upright, width) {
  if (!upright) return 42;
  const xs = edge.ends.map((end) => find(boxes, end).x);
  const widest = Math.max(...[...boxes.values()].map((box) => box.wide));
  return Math.max(24, Math.min(widest / 2 + 20, Math.min(...xs) - 22, width - Math.max(...xs) - 22));
}

/** Whether another box stands on the straight way from `a` to `b`. @param {Boxes} boxes @param {string} a @param {string} b */
function between(boxes, a, b) {
  const [from, to] = [find(boxes, a), find(boxes, b)];
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const long = Math.max(1, Math.hypot(dx, dy));
  return [...boxes].some(([state, o]) => {
    if (state === a || state === b) return false;
    const along = ((o.x - from.x) * dx + (o.y - from.y) * dy) / long;
    return Math.abs((o.y - from.y) * dx - (o.x - from.x) * dy) / long < 40 && along > 0 && along < long;
  });
}

/**
 * Return where the ray from a box's centre, moved `aside`, leaves it, and `gap` px further.
 * @param {State} o
 * @param {Pair} towards
 * @param {number} gap
 * @param {Pair} aside
 * @returns {Pair}
 */
function border(o, [dx, dy], gap, [sx, sy]) {
  const t = Math.min(
    dx ? (o.wide / 2 + gap - sx * (dx > 0 ? 1 : -1)) / Math.abs(dx) : 9e9,
    dy ? (o.high / 2 + gap - sy * (dy > 0 ? 1 : -1)) / Math.abs(dy) : 9e9,
  );
  return [o.x + sx + dx * t, o.y + sy + dy * t];
}
