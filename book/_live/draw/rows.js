// One row for each name: bars from zero, and spreads of measurements. The twin of netlab/show/rows.py.

import { clamped, digits, fraction, hasPlace, isNumber, limits, spoken, ticked, widthOf } from "./axes.js";
import { chart, foot, footline, footroom, headline, headroom, whole, write } from "./chart.js";
import { BODY, GREY, INK, PAPER, SMALL, inkOf } from "./style.js";
import { label, rule } from "./svg.js";
import { textWidth, widest } from "./words.js";

/** @import {Bars, Box, Canvas, Hue, Pair, Plan, Room, Spread, Spreads} from "./types" */

/** @param {unknown} value */
function number(value) {
  return isNumber(value) && value > 0 ? value : 0;
}

/**
 * Plan a bar from zero for each name, its number at its end. There is no need for ticks then.
 * @param {Bars} drawing
 * @param {Room} room
 * @returns {Plan}
 */
export function bars(drawing, room) {
  const values = drawing.bars.map((bar) => number(bar.value));
  const high = number(drawing.value.high) || Math.max(...values) || 1;
  const says = drawing.bars.map((bar, n) => bar.text || (!isNumber(bar.value) ? "no number" : spoken(values[n])));
  const rows = named(drawing.bars.map((bar) => bar.name), room.width);
  const right = overhang(values.map((value) => value / high), says, room.width - rows.left, true);
  const title = headline(drawing.value, room.width);
  const fills = drawing.bars.map((bar, n) => ({ x1: 0, x2: Math.min(values[n], high), ...rows.band(n, 18), fill: inkOf(bar.hue).line }));
  return {
    margins: { left: rows.left, right, top: headroom(title) + (rows.left > 2 ? 0 : 8), bottom: 4 },
    height: rows.high * fills.length,
    square: false,
    paint: (sheet, at) => {
      const { x } = chart(room.Plot, sheet, at, {
        x: { axis: { log: false }, between: [0, high], ticks: null, numbers: false },
        y: { axis: { log: false }, between: [fills.length, 0], ticks: null, numbers: false },
        grid: false, base: false,
        marks: fills.map(({ fill, ...where }) => room.Plot.rect([where], { x1: "x1", x2: "x2", y1: "y1", y2: "y2", fill })),
      });
      write(sheet, at, title);
      rows.write(sheet, at);
      drawing.bars.forEach((bar, n) => {
        const look = { ink: inkOf(bar.hue), bold: bar.hue !== "grey" };
        label(sheet, x(fills[n].x2) + 6, at.y + (n + 0.5) * rows.high, says[n], look);
      });
      if (rows.left > 2) sheet.add(3, rule([[at.x, at.y], [at.x, at.y + at.high]], GREY.line, 1));
    },
  };
}

/**
 * Name rows, at their left or, where that takes too much room, above them. Return the px taken at the left, the px
 * of a row, how to write the names, and where on an axis of rows a bar lies.
 * @param {string[]} names
 * @param {number} width
 */
export function named(names, width) {
  const wide = widest(names, BODY);
  const aside = wide <= width * 0.34;
  const high = aside ? 34 : 50;
  return {
    left: aside ? wide + 12 : 2,
    high,
    band: (/** @type {number} */ n, /** @type {number} */ thick) => ({ y1: n + 0.5 - thick / high / 2, y2: n + 0.5 + thick / high / 2 }),
    write: (/** @type {Canvas} */ sheet, /** @type {Box} */ at, top = 0) =>
      names.forEach((name, n) => {
        const y = at.y + top + (n + 0.5) * high;
        label(sheet, aside ? at.x - 8 : at.x, aside ? y : y - 19, name, { fill: INK, anchor: aside ? "end" : "start" });
      }),
  };
}

/**
 * Return how many px to leave at the right of axes for words that begin at such shares of their width.
 * @param {number[]} shares
 * @param {string[]} says
 * @param {number} room
 */
export function overhang(shares, says, room, bold = false) {
  const widths = says.flatMap((text, n) => (shares[n] > 1e-9 ? [(room - textWidth(text, BODY, { bold }) - 10) / shares[n]] : []));
  return widths.length ? Math.max(2, room - Math.min(...widths)) : 2;
}

/** @typedef {{name: string, best: number, p50: number, p99: number, hue: Hue}} Known a spread whose numbers are numbers */

/** Return a spread that can be drawn, or nothing. @param {Spread} row @returns {Known[]} */
function known({ name, best, p50, p99, hue }) {
  const log = { log: true };
  return hasPlace(best, log) && hasPlace(p50, log) && hasPlace(p99, log) ? [{ name, best, p50, p99, hue }] : [];
}

const ROW = 58; // px from one spread to the next

/**
 * Plan medians (a dot) on the way from fastest to 99th percentile (a bar) on a log axis. The row with the widest
 * spread carries the words that explain the marks.
 * @param {Spreads} drawing
 * @param {Room} room
 * @returns {Plan}
 */
export function spreads(drawing, room) {
  const rows = drawing.rows.flatMap(known);
  const axis = { ...drawing.value, log: true };
  const under = footline(axis, room.width);
  const between = limits(axis, rows.flatMap((row) => [row.best, row.p99]), 0.02);
  const ticks = (/** @type {Box} */ at) => ticked({ axis, between, most: 6, unit: axis.unit, long: at.wide, upright: false });
  const wide = rows.reduce((/** @type {Known | null} */ a, b) => (a && a.p99 / a.p50 >= b.p99 / b.p50 ? a : b), null);
  const says = rows.map((row) => digits(row.p99) + (row === wide ? ", 1 in 100 is slower" : ""));
  const right = overhang(rows.map((row) => fraction(row.p99, between, true)), says, room.width - 6);
  return {
    margins: { left: 6, right: Math.max(right, widthOf(ticks(whole(room))) / 2), top: 6, bottom: footroom(under, true) },
    height: ROW * Math.max(1, rows.length),
    square: false,
    paint: (sheet, at) => {
      const { y } = chart(room.Plot, sheet, at, {
        x: { axis, between, ticks: ticks(at), numbers: true },
        y: { axis: { log: false }, between: [Math.max(1, rows.length) + 0.05, -0.05], ticks: null, numbers: false },
        grid: false,
        marks: rows.flatMap((row, n) => onAxis(room, row, n)),
      });
      foot(sheet, at, under);
      rows.forEach((row, n) => beside(sheet, at, row, y(n + 0.5), between, says[n], row === wide));
    },
  };
}

/** The bar and the dot of one spread. @param {Room} room @param {Known} row @param {number} n */
function onAxis({ Plot }, row, n) {
  const ink = inkOf(row.hue);
  const bar = { x1: row.best, x2: row.p99, y1: n + 0.5 - 6 / ROW, y2: n + 0.5 + 6 / ROW };
  return [
    Plot.rect([bar], { x1: "x1", x2: "x2", y1: "y1", y2: "y2", fill: ink.tint }),
    Plot.dot([[row.p50, n + 0.5]], { r: 5.5, fill: ink.line, stroke: PAPER, strokeWidth: 1.5 }),
  ];
}

/**
 * Write a spread's name above it, its median below its dot, its 99th percentile at its end.
 * @param {Canvas} sheet
 * @param {Box} at
 * @param {Known} row
 * @param {number} y
 * @param {Pair} between
 * @param {string} says
 * @param {boolean} explains
 */
function beside(sheet, at, row, y, between, says, explains) {
  const [ink, bold] = [inkOf(row.hue), row.hue !== "grey"];
  const [median, end] = [row.p50, row.p99].map((value) => at.x + at.wide * clamped(fraction(value, between, true)));
  const left = fraction(row.p50, between, true) < 0.1;
  label(sheet, at.x, y - 19, row.name, { fill: INK, bold });
  const look = /** @type {const} */ ({ ink, size: SMALL, bold, anchor: left ? "start" : "middle" });
  label(sheet, median - (left ? 5 : 0), y + 16, (explains ? "median " : "") + digits(row.p50), look);
  label(sheet, end + 7, y, says, { ink, size: SMALL });
}
