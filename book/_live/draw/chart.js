// The frame of every chart: Observable Plot's scales, grid, axes and marks, in the book's look.
//
// Plot draws what lies on the axes. Titles, names at the ends of curves and remarks are ours (labels.js): Plot does
// not know which words would touch. Limits and ticks are handed to it, so that both drawings of a picture, this
// one and the notebook's, are cut alike.

import { BODY, FAINT, GREY, LEAD, MUTED } from "./style.js";
import { el, label, short } from "./svg.js";
import { wrapped } from "./words.js";

/** @import {Axis, Box, Canvas, Pair, PlotLibrary, Room} from "./types" */
/** @import {Markish} from "@observablehq/plot" */
/** @import {Ticks} from "./axes.js" */

/** @typedef {{x: (value: number) => number, y: (value: number) => number}} Scales px of the whole picture */
/** @typedef {{axis: {log: boolean}, between: Pair, ticks: Ticks | null, numbers: boolean}} Side `ticks`: null for none */

/**
 * Draw axes into `at`, and on them `marks` (from the lowest up), clipped where they leave the axes.
 * @param {PlotLibrary} Plot
 * @param {Canvas} sheet
 * @param {Box} at
 * @param {{x: Side, y: Side, grid?: boolean, base?: boolean, below?: Markish[], marks: Markish[]}} chart
 * @returns {Scales}
 */
export function chart(Plot, sheet, at, { x, y, grid = true, base = true, below = [], marks }) {
  const plot = Plot.plot({
    width: at.x + at.wide, height: at.y + at.high,
    marginLeft: at.x, marginTop: at.y, marginRight: 0, marginBottom: 0,
    x: { type: x.axis.log ? "log" : "linear", domain: x.between, axis: null, inset: 0 },
    y: { type: y.axis.log ? "log" : "linear", domain: y.between, axis: null, inset: 0 },
    marks: [
      ...below,
      !grid || !y.ticks ? null : Plot.gridY(y.ticks.values, { stroke: FAINT, strokeOpacity: 1, strokeWidth: 0.8 }),
      ...marks,
      base ? Plot.frame({ anchor: "bottom", stroke: GREY.line, strokeWidth: 1 }) : null,
      !x.ticks || !x.numbers ? null : Plot.axisX(x.ticks.values, { ...WORDS, text: x.ticks.words, tickSize: 4, tickPadding: 6.5, stroke: GREY.line }),
      !y.ticks || !y.numbers ? null : Plot.axisY(y.ticks.values, { ...WORDS, text: y.ticks.words, tickSize: 0, tickPadding: 3.5, dy: 0.3 }),
    ],
  });
  sheet.add(2, el("g", { "text-anchor": "middle" }, ...taken(plot))); // which Plot takes for granted
  const [across, up] = [plot.scale("x"), plot.scale("y")];
  return { x: (value) => Number(across?.apply(value)), y: (value) => Number(up?.apply(value)) };
}

const WORDS = { label: null, fill: MUTED, fontSize: BODY, fontVariant: "normal" };

/**
 * Return what Plot drew, without its style sheet, and without the half pixel by which it moves marks on some screens.
 * @param {Element} plot
 */
function taken(plot) {
  const parts = [...plot.children].filter((part) => part.localName !== "style");
  for (const part of parts) {
    if (/^translate\((0|0\.5),(0|0\.5)\)$/.test(part.getAttribute("transform") ?? "")) part.removeAttribute("transform");
  }
  return parts;
}

/**
 * Return what cuts a mark off at the edges of `at`. Its name is its place, so equal names cut alike.
 * @param {Canvas} sheet
 * @param {Box} at
 */
export function clip(sheet, at) {
  const name = ["nl-clip", ...[at.x, at.y, at.wide, at.high].map(short)].join("-").replaceAll(".", "_");
  let made = false;
  return {
    /** @param {...any} args Plot's own way to draw a mark comes last */
    render: (...args) => {
      if (!made) sheet.add(0, el("clipPath", { id: name }, el("rect", { x: at.x, y: at.y, width: at.wide, height: at.high })));
      made = true;
      const drawn = args[5](...args.slice(0, 5));
      drawn?.setAttribute("clip-path", `url(#${name})`);
      return drawn;
    },
  };
}

/**
 * Return what stands over the y axis, "window, packets", in lines.
 * @param {Axis} axis
 * @param {number} width
 */
export function headline(axis, width) {
  return wrapped(axis.label && axis.unit ? `${axis.label}, ${axis.unit}` : axis.label || axis.unit, width - 60);
}

/** How many px a headline takes, `up` px over the axes. @param {string[]} lines @param {number} [up] */
export function headroom(lines, up = 0) {
  return lines.length ? up + 12 + LEAD * lines.length : up + 8;
}

/** Write a headline. @param {Canvas} sheet @param {Box} at @param {string[]} lines @param {number} [up] */
export function write(sheet, at, lines, up = 0) {
  label(sheet, at.x, at.y - up - 14.5 - (LEAD * (lines.length - 1)) / 2, lines.join("\n"), {});
}

/**
 * Return what the x axis is, in lines; nothing of the time, which its unit says.
 * @param {Axis} axis
 * @param {number} width
 */
export function footline(axis, width) {
  return axis.label === "time" ? [] : wrapped(axis.label, width - 60);
}

/** How many px numbers and words under the x axis take. @param {string[]} lines @param {boolean} numbers */
export function footroom(lines, numbers) {
  return numbers ? 25 + (lines.length ? 2 + LEAD * lines.length : 0) : 6;
}

/** Write what the x axis is. @param {Canvas} sheet @param {Box} at @param {string[]} lines */
export function foot(sheet, at, lines) {
  label(sheet, at.x, at.y + at.high + 33 + (LEAD * (lines.length - 1)) / 2, lines.join("\n"), {});
}

/** The room for a plan whose axes would fill it all: good enough to count ticks by. @param {Room} room */
export function whole(room) {
  return { x: 0, y: 0, wide: room.width, high: room.height };
}
