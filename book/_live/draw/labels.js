// Words beside curves: names at their right ends, names over the axes, remarks where something happens. All of them
// are placed once the axes stand: nothing here may cover anything else here. The twin of netlab/show/labels.py.

import { BODY, GREY, INK, LEAD, MUTED, PAPER, SMALL, inkOf } from "./style.js";
import { isNumber } from "./axes.js";
import { covers, meets } from "./plan.js";
import { label, rule } from "./svg.js";
import { textWidth, widest, wrapped } from "./words.js";

/** @import {Box, Canvas, Name, Pair, Remark} from "./types" */

/**
 * Return the places nearest to those `wanted` at which things so high do not overlap, in the same order.
 *
 * Neighbours that would touch become one block, which stands where its members on average want it. Of equals the
 * first stands on top. Heights count upwards.
 * @param {number[]} wanted
 * @param {number[]} heights
 */
export function apart(wanted, heights) {
  /** @type {{members: number[], low: number}[]} members from the bottom up, and the block's lower edge */
  const blocks = [];
  const sum = (/** @type {number[]} */ members) => members.reduce((total, m) => total + heights[m], 0);
  for (const n of [...wanted.keys()].sort((a, b) => wanted[a] - wanted[b] || b - a)) {
    let members = [n];
    let low = wanted[n] - heights[n] / 2;
    for (let last; (last = blocks.at(-1)) && last.low + sum(last.members) > low; blocks.pop()) {
      members = [...last.members, ...members];
      const wishes = members.map((i, k) => wanted[i] - sum(members.slice(0, k)) - heights[i] / 2);
      low = wishes.reduce((total, wish) => total + wish, 0) / members.length;
    }
    blocks.push({ members, low });
  }
  const places = wanted.map(() => 0);
  for (const { members, low } of blocks) {
    members.forEach((n, k) => (places[n] = low + sum(members.slice(0, k)) + heights[n] / 2));
  }
  return places;
}

/** A name in lines of at most a quarter of the whole `width`. @param {Name} name @param {number} width */
function broken(name, width) {
  return wrapped(name.text, Math.max(width / 4, 80), SMALL, name);
}

/** How many px the names at the right need. @param {Name[]} names @param {number} width */
export function roomRight(names, width) {
  return names.length ? Math.max(...names.map((name) => widest(broken(name, width), SMALL, name))) + 10 : 0;
}

/**
 * Write names in the right margin, each as near as may be to its height, tied to it where it had to move.
 * @param {Canvas} sheet
 * @param {Box} at
 * @param {Name[]} names
 * @param {number} width
 */
export function nameRight(sheet, at, names, width) {
  const lines = names.map((name) => broken(name, width));
  const places = apart(names.map((name) => name.at * at.high), lines.map((text) => LEAD * text.length - 1));
  names.forEach((name, n) => {
    const [x, y, own] = [at.x + at.wide, at.y + at.high - places[n], at.y + at.high * (1 - name.at)];
    if (Math.abs(y - own) > 9) sheet.add(6, rule([[x, own], [x + 6, y]], GREY.line, 0.8));
    label(sheet, x + 7, y, lines[n].join("\n"), { fill: name.ink?.text ?? MUTED, bold: name.bold, size: SMALL });
  });
}

/**
 * Return each name with its left edge in px and its row over axes `wide` px wide: 0 is the lowest.
 * @param {Name[]} names
 * @param {number} wide
 */
export function rowsAbove(names, wide) {
  /** @type {number[]} where each row is taken up to */
  const ends = [];
  return [...names].sort((a, b) => a.at - b.at || (a.text < b.text ? -1 : 1)).map((name) => {
    const long = textWidth(name.text, SMALL);
    const x = Math.max(0, Math.min(name.at * wide - long / 2, wide - long));
    const free = ends.findIndex((end) => end <= x);
    const row = free < 0 ? ends.length : free;
    ends[row] = x + long + 10;
    return { name, x, row };
  });
}

/** How many rows names take over axes so wide. @param {Name[]} names @param {number} wide */
export function rowCount(names, wide) {
  return Math.max(0, ...rowsAbove(names, wide).map(({ row }) => row + 1));
}

/** Write names over the axes, each over its place, in as many rows as they need. @param {Canvas} sheet @param {Box} at @param {Name[]} names */
export function nameAbove(sheet, at, names) {
  for (const { name, x, row } of rowsAbove(names, at.wide)) {
    label(sheet, at.x + x, at.y - 9 - row * LEAD, name.text, { fill: name.ink?.text ?? INK, size: SMALL });
  }
}

/** @typedef {{fill: string, holds: (point: Pair) => boolean}} Ground a tinted part of the axes */
/** @typedef {{paths: Pair[][], crosses: Pair[], grounds: Ground[]}} Scenery what remarks must not hide, in px */

/**
 * Write remarks where their authors want them, or near by, where that would leave the axes or hide something.
 * @param {Canvas} sheet
 * @param {Box} at the axes
 * @param {Remark[]} remarks
 * @param {(remark: Remark) => Pair | null} place where a remark points at, in px
 * @param {Scenery} scenery
 */
export function remarkAll(sheet, at, remarks, place, { paths, crosses, grounds }) {
  const said = remarks.filter((remark) => remark.text.trim());
  /** @type {Box[]} */
  const taken = crosses.map(([x, y]) => ({ x: x - 6, y: y - 6, wide: 12, high: 12 }));
  const seen = said.length ? paths.flatMap((path) => walked(path)) : [];
  for (const remark of said) {
    const aim = place(remark);
    if (!aim) continue;
    const bold = remark.hue !== null;
    const lines = wrapped(remark.text, Math.max(at.wide * 0.55, 90), BODY);
    const from = /** @type {Pair} */ ([clamp(aim[0], at.x, at.wide), clamp(aim[1], at.y, at.high)]);
    const spots = around(isNumber(remark.by[0]) && isNumber(remark.by[1]) ? remark.by : [10, 10]).map((by) => spot(from, by, lines, bold));
    const costs = spots.map((area, n) =>
      1000 * taken.filter((other) => meets(area, other)).length + 20 * outside(area, at)
      + 6 * seen.filter((point) => covers(area, point)).length + 3 * n);
    const best = spots[costs.indexOf(Math.min(...costs))];
    const area = { ...best, x: Math.max(at.x, Math.min(best.x, at.x + at.wide - best.wide)) };
    taken.push(area);
    tie(sheet, area, from);
    const fill = bold ? inkOf(remark.hue).text : INK;
    label(sheet, area.x, area.y + area.high / 2 - 1, lines.join("\n"), { fill, bold, z: 7, plain: under(area, grounds) });
  }
}

/** @param {number} value @param {number} low @param {number} long */
function clamp(value, low, long) {
  return Math.min(Math.max(value, low), low + long);
}

/** By how many px a spot leaves the axes; above and below them there are other words. @param {Box} area @param {Box} at */
function outside(area, at) {
  const aside = Math.max(0, at.x - area.x, area.x + area.wide - at.x - at.wide);
  return aside + 50 * Math.max(0, at.y - area.y - 2, area.y + area.high - at.y - at.high);
}

/**
 * Return the points and others between them, at most `step` px apart: where a line would be hidden.
 * @param {Pair[]} points
 * @returns {Pair[]}
 */
function walked(points, step = 6) {
  const way = [...points];
  points.slice(1).forEach(([x1, y1], n) => {
    const [x0, y0] = points[n];
    const parts = Math.floor(Math.min(Math.hypot(x1 - x0, y1 - y0), 2000) / step);
    for (let k = 1; k <= parts; k += 1) {
      way.push([x0 + ((x1 - x0) * k) / (parts + 1), y0 + ((y1 - y0) * k) / (parts + 1)]);
    }
  });
  return way;
}

/**
 * Return where a remark may stand: where it was asked for, mirrored, and then further up or down.
 * @param {Pair} by
 * @returns {Pair[]}
 */
function around([dx, dy]) {
  const mirrored = /** @type {Pair[]} */ ([[dx, dy], [-dx, dy], [dx, -dy], [-dx, -dy]]);
  const far = Math.max(10, Math.abs(dx));
  const lifted = [20, 40, 60].flatMap((up) => mirrored.map(([x, y]) => /** @type {Pair} */ ([x, y + up * (y >= 0 ? 1 : -1)])));
  return [...mirrored, [far, 0], [-far, 0], ...lifted];
}

/**
 * Return what a remark covers if it stands `by` px to the right and up from `at`.
 * @param {Pair} at
 * @param {Pair} by
 * @param {string[]} lines
 * @param {boolean} bold
 * @returns {Box}
 */
function spot([x0, y0], [dx, dy], lines, bold) {
  const [x, y] = [x0 + dx, y0 - dy];
  const [wide, high] = [widest(lines, BODY, { bold }) + 3, LEAD * lines.length + 2];
  const left = dx > 4 ? x : dx < -4 ? x - wide : x - wide / 2;
  return { x: left, y: dy > 4 ? y - high : dy < -4 ? y : y - high / 2, wide, high };
}

/** Tie words to what they speak of by a hairline, where there is room for one. @param {Canvas} sheet @param {Box} area @param {Pair} to */
function tie(sheet, area, [x, y]) {
  const [cx, cy] = [area.x + area.wide / 2, area.y + area.high / 2];
  const [dx, dy] = [x - cx, y - cy];
  const edge = Math.min(area.wide / 2 / (Math.abs(dx) || 1e-9), area.high / 2 / (Math.abs(dy) || 1e-9));
  const stop = 1 - 5 / (Math.hypot(dx, dy) || 1);
  if (edge < stop) sheet.add(6.5, rule([[cx + dx * edge, cy + dy * edge], [cx + dx * stop, cy + dy * stop]], GREY.line, 0.8));
}

/**
 * Return the colour to clear a remark's ground with: the one it stands on, or none where it stands on two.
 * @param {Box} area
 * @param {Ground[]} grounds
 */
function under(area, grounds) {
  /** @type {string | false} */
  let fill = PAPER;
  for (const ground of grounds) {
    const held = [0, 1, 2, 3].filter((n) => ground.holds([area.x + area.wide * (n & 1), area.y + area.high * (n >> 1)])).length;
    if (held === 4) fill = ground.fill;
    else if (held) return false;
  }
  return fill;
}
