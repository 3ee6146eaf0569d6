// Curves over two axes. The twin of netlab/show/lines.py.

import { clamped, fraction, hasPlace, limits, ticked, widthOf } from "./axes.js";
import { chart, clip, foot, footline, footroom, headline, headroom, whole, write } from "./chart.js";
import { nameAbove, nameRight, remarkAll, roomRight, rowCount } from "./labels.js";
import { GREY, LEAD, PAPER, PHONE, inkOf } from "./style.js";
import { cross } from "./svg.js";

/** @import {Markish} from "@observablehq/plot" */
/** @import {Area, Axis, Box, Canvas, Curve, Lines, Name, Pair, Plan, PlotLibrary, Room} from "./types" */

/**
 * Return those points that have a place on both axes.
 * @param {(number | null)[][]} points
 * @param {Axis} x
 * @param {Axis} y
 */
function placed(points, x, y) {
  return /** @type {Pair[]} */ ((points ?? []).filter((point) => hasPlace(point[0], x) && hasPlace(point[1], y)));
}

/** From where to where the curves go. @param {Lines} drawing */
export function xLimits({ curves, crosses, levels, x, y }) {
  const values = [...curves.map((curve) => curve.points), crosses].flatMap((points) => placed(points, x, y).map((p) => p[0]));
  const measured = levels.filter((level) => level.across === "x").map((level) => Number(level.value ?? NaN));
  const onlyMarks = curves.every((curve) => curve.mark === "dots" || curve.mark === "rings");
  return limits(x, [...values, ...measured], onlyMarks || x.log ? 0.03 : 0);
}

/** What the y axis must hold: the curves, what was lost, and what both are measured by. @param {Lines} drawing */
export function yLimits({ curves, crosses, levels, areas, x, y }) {
  const values = [...curves.map((curve) => curve.points), crosses].flatMap((points) => placed(points, x, y).map((p) => p[1]));
  const edges = areas.filter((area) => area.across === "y").flatMap((area) => [area.start, area.stop]);
  const measured = [...levels.filter((level) => level.across === "y").map((level) => level.value), ...edges];
  return limits(y, [...values, ...measured.map((value) => value ?? NaN)]);
}

/**
 * Plan curves on two axes, what measures them, what was lost, and what there is to say about it.
 * @param {Lines} drawing
 * @param {Room} room
 * @returns {Plan}
 */
export function lines(drawing, room) {
  const { width, shared, Plot } = room;
  const [x, y] = [shared.x ?? xLimits(drawing), shared.y ?? yLimits(drawing)];
  const [numbersX, numbersY] = [shared.numbers.includes("x"), shared.numbers.includes("y")];
  const ticks = (/** @type {Box} */ at) => ({
    x: ticked({ axis: drawing.x, between: x, most: width < PHONE ? 5 : 6, unit: drawing.x.unit, long: at.wide, upright: false }),
    y: ticked({ axis: drawing.y, between: y, most: 5, unit: "", long: at.high, upright: true }),
  });
  const first = ticks(whole(room));
  const right = [...ends(drawing, x, y), ...(shared.names ? measures(drawing, "y", y) : [])];
  const above = measures(drawing, "x", x);
  const left = numbersY ? widthOf(first.y) + 8 : 2;
  const beyond = Math.max(roomRight(right, width), numbersX ? widthOf(first.x) / 2 : 2);
  const up = rowCount(above, width - left - beyond) * LEAD;
  const [title, under] = [numbersY ? headline(drawing.y, width) : [], footline(drawing.x, width)];
  return {
    margins: { left, right: beyond, top: headroom(title, up), bottom: footroom(under, numbersX) },
    height: null,
    square: false,
    paint: (sheet, at) => {
      const marks = ticks(at);
      const scales = chart(Plot, sheet, at, {
        x: { axis: drawing.x, between: x, ticks: marks.x, numbers: numbersX },
        y: { axis: drawing.y, between: y, ticks: marks.y, numbers: numbersY },
        below: drawing.areas.map((area) => tint(Plot, area, area.across === "x" ? x : y)),
        marks: onAxes(Plot, sheet, drawing, at, width, x, y),
      });
      const spot = (/** @type {Pair} */ point) => /** @type {Pair} */ ([scales.x(point[0]), scales.y(point[1])]);
      write(sheet, at, title, up);
      if (numbersX) foot(sheet, at, under);
      nameRight(sheet, at, right, width);
      nameAbove(sheet, at, above);
      const crosses = placed(drawing.crosses, drawing.x, drawing.y).filter((point) => within([point], x, y)).map(spot);
      sheet.add(8, ...crosses.map(([across, down]) => cross(across, down)));
      const told = drawing.remarks.length ? drawing.curves : []; // only words ask where the curves are
      const paths = told.map((curve) => thinned(placed(curve.points, drawing.x, drawing.y).map(spot)));
      remarkAll(sheet, at, drawing.remarks, (remark) => placed([[remark.x, remark.y]], drawing.x, drawing.y).map(spot)[0] ?? null, {
        paths, crosses, grounds: drawing.areas.map((area) => ground(area, at, area.across === "x" ? x : y, area.across === "x" ? drawing.x : drawing.y)),
      });
    },
  };
}

/**
 * Tint everything between two values of one axis, as far as the axis goes.
 * @param {PlotLibrary} Plot
 * @param {Area} area
 * @param {Pair} between
 */
function tint(Plot, area, between) {
  const [start, stop] = edges(area, between);
  if (!(start < stop)) return null;
  const fill = inkOf(area.hue).tint;
  return area.across === "x" ? Plot.rectX([0], { x1: start, x2: stop, fill }) : Plot.rectY([0], { y1: start, y2: stop, fill });
}

/** Where an area begins and ends on its axis. @param {Area} area @param {Pair} between @returns {Pair} */
function edges(area, [low, high]) {
  const [start, stop] = [area.start ?? -Infinity, area.stop ?? Infinity];
  return [Math.max(low, Math.min(start, stop)), Math.min(high, Math.max(start, stop))];
}

/** What of the axes an area tints, for the words on it. @param {Area} area @param {Box} at @param {Pair} between @param {Axis} axis */
function ground(area, at, between, axis) {
  const [start, stop] = edges(area, between).map((edge) => fraction(edge, between, axis.log));
  const along = (/** @type {Pair} */ point) =>
    area.across === "x" ? (point[0] - at.x) / at.wide : (at.y + at.high - point[1]) / at.high;
  return { fill: inkOf(area.hue).tint, holds: (/** @type {Pair} */ point) => start <= along(point) && along(point) <= stop };
}

const ORDER = { dots: 0, dashed: 1, line: 2, steps: 2, rings: 3 };

/**
 * Return levels and curves as Plot's marks, the lowest first.
 * @param {PlotLibrary} Plot
 * @param {Canvas} sheet
 * @param {Lines} drawing
 * @param {Box} at
 * @param {number} width
 * @param {Pair} x
 * @param {Pair} y
 * @returns {Markish[]}
 */
function onAxes(Plot, sheet, drawing, at, width, x, y) {
  const cut = clip(sheet, at);
  const levels = drawing.levels.filter((level) => shows(level.value, level.across === "x" ? x : y)).map((level) => {
    const style = { stroke: GREY.line, strokeWidth: 1, strokeDasharray: "4,3" };
    return level.across === "x" ? Plot.ruleX([level.value], style) : Plot.ruleY([level.value], style);
  });
  const px = (/** @type {Pair} */ point) => fraction(point[0], x, drawing.x.log) * at.wide;
  const curves = [...drawing.curves].sort((a, b) => (ORDER[a.mark] ?? 2) - (ORDER[b.mark] ?? 2)).map((curve) => {
    const points = placed(curve.points, drawing.x, drawing.y);
    return points.length ? plot(Plot, curve, points, px, width, within(points, x, y) ? {} : cut) : null;
  });
  return [...levels, ...curves];
}

/**
 * Return one curve as Plot's mark. Of many points only as many are drawn as there are pixels for.
 * @param {PlotLibrary} Plot
 * @param {Curve} curve
 * @param {Pair[]} points
 * @param {(point: Pair) => number} px
 * @param {number} width
 * @param {Record<string, any>} cut
 */
function plot(Plot, curve, points, px, width, cut) {
  const colour = inkOf(curve.hue).line;
  if (curve.mark === "dots" || curve.mark === "rings") {
    const every = Math.max(1, Math.round(points.length / (width / 3.5) + 0.5));
    const ring = { fill: PAPER, stroke: colour, strokeWidth: 1.6, r: 3.25 };
    const dot = { fill: colour, r: points.length > 60 ? 1.6 : 2.75 };
    return Plot.dot(points.filter((_, n) => n % every === 0), { ...(curve.mark === "rings" ? ring : dot), sort: null, ...cut });
  }
  const dashed = curve.mark === "dashed";
  const style = { stroke: colour, strokeWidth: dashed ? 1.4 : 1.6, strokeDasharray: dashed ? "5.6,4.2" : undefined };
  return Plot.line(thinned(points, px), { ...style, curve: curve.mark === "steps" ? "step-after" : "linear", ...cut });
}

/**
 * Return so many points that no pixel column has more than four, first, lowest, highest, last: it looks the same.
 * @param {Pair[]} points
 * @param {(point: Pair) => number} [px]
 */
export function thinned(points, px = (point) => point[0]) {
  if (points.length < 600) return points;
  /** @type {Pair[]} */
  const kept = [];
  for (let first = 0, next = 0; first < points.length; first = next) {
    const column = Math.floor(px(points[first]));
    let [low, high] = [first, first];
    for (next = first; next < points.length && Math.floor(px(points[next])) === column; next += 1) {
      if (points[next][1] < points[low][1]) low = next;
      if (points[next][1] > points[high][1]) high = next;
    }
    next = Math.max(next, first + 1);
    for (const n of new Set([first, ...[low, high].sort((a, b) => a - b), next - 1])) kept.push(points[n]);
  }
  return kept;
}

/** Whether an axis shows a value. @param {number | null} value @param {Pair} between */
function shows(value, [low, high]) {
  return value !== null && low <= value && value <= high;
}

/** Whether the axes show all these. @param {Pair[]} points @param {Pair} x @param {Pair} y */
function within(points, x, y) {
  return points.every((point) => shows(point[0], x) && shows(point[1], y));
}

/**
 * Return the curves' names, each at the height at which its curve leaves the picture.
 * @param {Lines} drawing
 * @param {Pair} x
 * @param {Pair} y
 * @returns {Name[]}
 */
function ends(drawing, x, y) {
  return drawing.curves.flatMap((curve) => {
    const seen = placed(curve.points, drawing.x, drawing.y).filter((point) => shows(point[0], x));
    if (!curve.name || !seen.length) return [];
    const last = seen.reduce((a, b) => (b[0] > a[0] || (b[0] === a[0] && b[1] > a[1]) ? b : a));
    const at = clamped(fraction(last[1], y, drawing.y.log));
    return [{ at, text: curve.name, ink: inkOf(curve.hue), bold: curve.hue !== "grey" }];
  });
}

/**
 * Return the names of the levels and areas of one axis, each where it stands on it; none that is beyond.
 * @param {Lines} drawing
 * @param {"x" | "y"} across
 * @param {Pair} between
 * @returns {Name[]}
 */
function measures(drawing, across, between) {
  const { log } = across === "x" ? drawing.x : drawing.y;
  const levels = drawing.levels.filter((level) => level.across === across && level.name && shows(level.value, between));
  const named = levels.map((level) => ({ at: fraction(level.value ?? 0, between, log), text: level.name, ink: null, bold: false }));
  const areas = drawing.areas.filter((area) => area.across === across && area.name).flatMap((area) => {
    const [start, stop] = edges(area, between).map((edge) => fraction(edge, between, log));
    return start < stop ? [{ at: (start + stop) / 2, text: area.name, ink: inkOf(area.hue), bold: false }] : [];
  });
  return [...named, ...areas];
}
