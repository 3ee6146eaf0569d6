// What lasts from when to when, a row each, and the instants that matter to all rows. The twin of netlab/show/rows.py.

import { fraction, hasPlace, limits, ticked, widthOf } from "./axes.js";
import { chart, clip, foot, footline, footroom, whole } from "./chart.js";
import { nameAbove, rowCount } from "./labels.js";
import { named } from "./rows.js";
import { GREY, LEAD, PHONE, SMALL, inkOf } from "./style.js";
import { label } from "./svg.js";
import { textWidth } from "./words.js";

/** @import {Box, Canvas, Hue, Name, Pair, Plan, Room, Timeline} from "./types" */
/** @typedef {{row: string, start: number, stop: number, text: string, hue: Hue}} Lasting a stretch whose ends are numbers */

/** Those stretches that can be drawn. @param {Timeline} drawing @returns {Lasting[]} */
function lasting({ stretches, time }) {
  return /** @type {Lasting[]} */ (stretches.filter((s) => hasPlace(s.start, time) && hasPlace(s.stop, time)));
}

/** From when to when a timeline goes. @param {Timeline} drawing */
export function span(drawing) {
  const times = [...lasting(drawing).flatMap((s) => [s.start, s.stop]), ...drawing.marks.map(([time]) => time ?? NaN)];
  return limits(drawing.time, times, 0);
}

/**
 * Plan a timeline.
 * @param {Timeline} drawing
 * @param {Room} room
 * @returns {Plan}
 */
export function timeline(drawing, room) {
  const { width, shared, Plot } = room;
  const [between, stretches, numbers] = [shared.x ?? span(drawing), lasting(drawing), shared.numbers.includes("x")];
  const under = footline(drawing.time, width);
  const names = [...new Set(drawing.stretches.map((s) => s.row))];
  const rows = named(names, width);
  const ticks = (/** @type {Box} */ at) =>
    ticked({ axis: drawing.time, between, most: width < PHONE ? 5 : 8, unit: drawing.time.unit, long: at.wide, upright: false });
  const marks = drawing.marks.filter(([time]) => hasPlace(time, drawing.time));
  const seen = marks.map(([time]) => Number(time)).filter((time) => between[0] <= time && time <= between[1]);
  const said = /** @type {Name[]} */ (marks
    .map(([time, text]) => ({ at: fraction(Number(time), between), text, ink: null, bold: false }))
    .filter((name) => name.text && name.at >= 0 && name.at <= 1));
  const right = numbers ? widthOf(ticks(whole(room))) / 2 : 2;
  const above = LEAD * rowCount(said, width - rows.left - right);
  return {
    margins: { left: rows.left, right, top: 6 + above, bottom: footroom(under, numbers) },
    height: rows.high * (names.length + 0.2),
    square: false,
    paint: (sheet, at) => {
      const { x } = chart(Plot, sheet, at, {
        x: { axis: { log: false }, between, ticks: ticks(at), numbers },
        y: { axis: { log: false }, between: [names.length + 0.1, -0.1], ticks: null, numbers: false },
        grid: false,
        marks: [
          Plot.ruleX(seen, { stroke: GREY.line, strokeWidth: 1, strokeDasharray: "4,3" }),
          ...stretches.map((s) => {
            const beyond = s.start < between[0] || s.stop > between[1];
            const where = { x1: s.start, x2: s.stop, ...rows.band(names.indexOf(s.row), 22) };
            const style = { fill: inkOf(s.hue).tint, stroke: inkOf(s.hue).line, strokeWidth: 1.2 };
            return Plot.rect([where], { x1: "x1", x2: "x2", y1: "y1", y2: "y2", ...style, ...(beyond ? clip(sheet, at) : {}) });
          }),
        ],
      });
      const top = rows.high * 0.1;
      rows.write(sheet, at, top);
      if (numbers) foot(sheet, at, under);
      nameAbove(sheet, at, said);
      for (const s of stretches) {
        const y = at.y + top + (names.indexOf(s.row) + 0.5) * rows.high;
        if (s.stop >= between[0] && s.start <= between[1]) inscribe(sheet, s, y, stretches, between, x);
      }
    },
  };
}

/**
 * Write a stretch's text into it, or else after or before it, where there is room; or leave it out.
 * @param {Canvas} sheet
 * @param {Lasting} s
 * @param {number} y
 * @param {Lasting[]} others
 * @param {Pair} between
 * @param {(time: number) => number} x
 */
function inscribe(sheet, s, y, others, [low, high], x) {
  const [needed, neighbours] = [textWidth(s.text, SMALL) + 9, others.filter((o) => o.row === s.row && o !== s)];
  const [start, stop] = [Math.max(s.start, low), Math.min(s.stop, high)];
  const before = Math.max(low, ...neighbours.filter((o) => o.stop <= start).map((o) => o.stop));
  const after = Math.min(high, ...neighbours.filter((o) => o.start >= stop).map((o) => o.start));
  const look = { ink: inkOf(s.hue), size: SMALL };
  if (needed <= x(stop) - x(start)) label(sheet, x(start) + 5, y, s.text, look);
  else if (needed <= x(after) - x(stop)) label(sheet, x(stop) + 5, y, s.text, look);
  else if (needed <= x(start) - x(before)) label(sheet, x(start) - 5, y, s.text, { ...look, anchor: "end" });
}
