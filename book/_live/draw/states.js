// A state machine, drawn from the table that runs it. The twin of netlab/show/states.py.

import { pointAt, normal, route, way } from "./edges.js";
import { around, covers, gap, meets } from "./plan.js";
import { GREY, INK, LEAD, PHONE, SMALL, inkOf } from "./style.js";
import { Sheet, arrow, box, diagram, label, small } from "./svg.js";
import { textWidth, widest, wrapped } from "./words.js";

/** @import {Box, Pair, Room, States, Step} from "./types" */
/** @import {Boxes, Edge, State} from "./edges.js" */
/** @typedef {{spot: Box, lines: string[]}} Place where an edge's words may stand */

const ROW = 104; // px from one row of states to the next
const HALF = 17; // px: half the height of a state with a name of one line

/** Two names as one. @param {string} a @param {string} b */
function pair(a, b) {
  return JSON.stringify([a, b]);
}

/**
 * Plan a transition table; on a phone it is turned by 90°. The `hot` path is in colour, the rest is grey.
 * @param {States} drawing
 * @param {Room} room
 */
export function states(drawing, { width }) {
  const sheet = new Sheet();
  const [boxes, ink] = [placed(drawing, width), inkOf(drawing.hue)];
  const [hot, warm] = [new Set(drawing.hot.map(([a, b]) => pair(a, b))), new Set(drawing.hot.flat())];
  const edges = joined(drawing.table).map((edge) => route(boxes, edge, width));
  for (const edge of edges) {
    const follow = hot.has(pair(...edge.ends));
    sheet.add(follow ? 3 : 2, arrow(edge.start, edge.stop, follow ? ink.line : GREY.line, { bend: edge.bend, width: follow ? 1.8 : 1.4 }));
  }
  const frames = [...boxes].map(([state, o]) => {
    const frame = { x: o.x - o.wide / 2, y: o.y - o.high / 2, wide: o.wide, high: o.high };
    sheet.add(4, box(frame, warm.has(state) ? ink : GREY, { radius: 8 }));
    label(sheet, o.x, o.y + 0.5, o.lines.join("\n"), { anchor: "middle", bold: true, fill: warm.has(state) ? ink.text : INK });
    return frame;
  });
  const words = say(sheet, edges, drawing, hot, frames, width);
  const heights = [...edges.flatMap((edge) => way(edge).map(([, y]) => y)), ...[...words, ...frames].flatMap((o) => [o.y, o.y + o.high])];
  return diagram(sheet, Math.max(...heights) + 3, Math.min(...heights) - 3);
}

/** Each pair of states once, with all its events, and whether there is a way back. @param {Step[]} table @returns {Edge[]} */
function joined(table) {
  /** @type {Map<string, Step[]>} */
  const pairs = new Map();
  const order = (/** @type {string} */ a, /** @type {string} */ b) => (a < b ? -1 : a > b ? 1 : 0);
  for (const step of [...table].sort((a, b) => order(a.state, b.state) || order(a.next, b.next))) {
    const key = pair(step.state, step.next);
    pairs.set(key, [...(pairs.get(key) ?? []), step]);
  }
  return [...pairs.values()].map((steps) => {
    const { state, next } = steps[0];
    const text = steps.map((step) => step.event).join(", ");
    return { ends: [state, next], text, back: state !== next && pairs.has(pair(next, state)), start: [0, 0], stop: [0, 0], bend: 0 };
  });
}

/** Where the states stand: on a grid as wide as the canvas. @param {States} drawing @param {number} width @returns {Boxes} */
function placed(drawing, width) {
  const narrow = width < PHONE;
  const at = new Map([...layers(drawing.table), ...Object.entries(drawing.at ?? {})]);
  const grid = [...at].map(([state, [column, row]]) => /** @type {const} */ ([state, narrow ? [row, column] : [column, row]]));
  const columns = Math.max(...grid.map(([, [column]]) => column)) + 1;
  return new Map(grid.map(([state, [column, row]]) => {
    const lines = wrapped(state, width / columns - 60, undefined, { bold: true });
    const wide = widest(lines, undefined, { bold: true }) + 26;
    const x = Math.min(Math.max(((column + 0.5) * width) / columns, wide / 2 + 1), width - wide / 2 - 1);
    return [state, { x, y: row * (narrow ? ROW + 16 : ROW), wide, high: 2 * HALF + LEAD * (lines.length - 1), lines }];
  }));
}

/** Columns by distance from the first state; good enough for five states. @param {Step[]} table @returns {Map<string, Pair>} */
function layers(table) {
  const depth = new Map([[table[0].state, 0]]);
  for (const [state, far] of depth) { // a map that grows while it is walked shows what was added, too
    for (const step of table) if (step.state === state && !depth.has(step.next)) depth.set(step.next, far + 1);
  }
  for (const step of table) { // what cannot be reached from the first state stands below it
    for (const state of [step.state, step.next]) if (!depth.has(state)) depth.set(state, 0);
  }
  /** @type {Map<number, number>} */
  const rows = new Map();
  return new Map([...depth].map(([state, column]) => {
    const row = rows.get(column) ?? 0;
    rows.set(column, row + 1);
    return [state, [column, row]];
  }));
}

/**
 * Write on or beside each arrow what causes it, where it hides nothing. Return where.
 * @param {Sheet} sheet
 * @param {Edge[]} edges
 * @param {States} drawing
 * @param {Set<string>} hot
 * @param {Box[]} frames
 * @param {number} width
 */
function say(sheet, edges, drawing, hot, frames, width) {
  const taken = frames.map((frame) => around(frame, 5));
  const ways = new Map(edges.map((edge) => [edge, way(edge)]));
  for (const edge of [...edges].sort((a, b) => b.text.length - a.text.length)) {
    const bold = hot.has(pair(...edge.ends));
    const own = ways.get(edge) ?? [];
    const others = [...ways].flatMap(([other, points]) => (other === edge ? [] : points));
    const found = places(edge, bold).map((place) => ({ place, bad: cost(place.spot, edge, own, taken, others, width) }));
    found.sort((a, b) => a.bad - b.bad || a.place.spot.x - b.place.spot.x || a.place.spot.y - b.place.spot.y);
    const good = found.filter(({ bad }) => bad < found[0].bad + 90);
    const { place } = good.find((one) => nearer(one.place.spot, own, others)) ?? found[0];
    taken.push(around(place.spot, 4, 0));
    place.lines.forEach((line, n) => {
      const look = { ink: bold ? inkOf(drawing.hue) : GREY, plain: true, bold, z: 3.5 };
      small(sheet, place.spot.x + place.spot.wide / 2, place.spot.y + (n + 0.5) * LEAD, line, look);
    });
  }
  return taken.slice(frames.length);
}

/** On its line or beside it, at or near its middle, in one line or more. @param {Edge} edge @param {boolean} bold @returns {Place[]} */
function places(edge, bold) {
  const [nx, ny] = normal(edge.start, edge.stop);
  const whole = textWidth(edge.text, SMALL, { bold });
  return [whole + 1, Math.max(60, whole * 0.6), Math.max(60, whole * 0.4)].flatMap((room) => {
    const lines = wrapped(edge.text, room, SMALL, { bold });
    const [wide, high] = [widest(lines, SMALL, { bold }), LEAD * lines.length];
    const away = (Math.abs(nx) * wide) / 2 + (Math.abs(ny) * high) / 2 + 4;
    return [0.5, 0.38, 0.62, 0.28, 0.72].flatMap((share) => {
      const [x, y] = pointAt(edge, share);
      return [0, 1, -1].map((side) => ({ spot: { x: x + nx * side * away - wide / 2, y: y + ny * side * away - high / 2, wide, high }, lines }));
    });
  });
}

/**
 * Return how bad a place is: over other words, over other arrows, over its own ends, off the paper, far away.
 * @param {Box} spot
 * @param {Edge} edge
 * @param {Pair[]} points all along its way
 * @param {Box[]} taken
 * @param {Pair[]} others
 * @param {number} width
 */
function cost(spot, edge, points, taken, others, width) {
  const over = taken.filter((other) => meets(spot, other)).length;
  const hidden = others.filter((point) => covers(spot, point)).length;
  const own = points.map((point) => (covers(spot, point) ? 1 : 0));
  const sum = (/** @type {number[]} */ parts) => parts.reduce((a, b) => a + b, 0);
  const ends = 400 * (sum(own.slice(0, 2)) + sum(own.slice(-4)));
  const eaten = ends + 60 * Math.max(0, sum(own) - 6) + (edge.back && sum(own) ? 14 : 0);
  const middle = pointAt(edge, 0.5);
  const far = Math.abs(spot.x + spot.wide / 2 - middle[0]) + Math.abs(spot.y + spot.high / 2 - middle[1]);
  const outside = Math.max(0, 2 - spot.x, spot.x + spot.wide + 2 - width);
  return 2000 * over + 60 * hidden + eaten + 100 * outside + far + (12 * spot.high) / LEAD;
}

/** Whether words stand nearer to their own arrow than to any other. @param {Box} spot @param {Pair[]} own @param {Pair[]} others */
function nearer(spot, own, others) {
  const [mine, theirs] = [own, others].map((points) => Math.min(99, ...points.map((point) => gap(spot, point))));
  return mine <= theirs;
}
