// Two flows' shares of one link as a moving point. The twin of netlab/show/phase.py.

import { isNumber, ticked, widthOf } from "./axes.js";
import { chart, whole } from "./chart.js";
import { remarkAll } from "./labels.js";
import { BODY, LOST, OK, OURS, PAPER, SMALL } from "./style.js";
import { el, label, through } from "./svg.js";
import { fits } from "./words.js";

/** @import {Box, Pair, Phase, Plan, Room} from "./types" */

/** Those points that are somewhere. @param {Phase} drawing */
function seen({ points }) {
  return /** @type {Pair[]} */ (points.filter((point) => point.every(isNumber)));
}

/** How far both axes go: a little past the edge, and as far as the point goes. @param {Phase} drawing */
export function reach(drawing) {
  const most = seen(drawing).reduce((high, point) => Math.max(high, ...point), 0) * 1.04;
  return Math.max(edgeOf(drawing, 0) * 1.12, most) || 1;
}

/** What both flows may send together; `other` where nobody knows. @param {Phase} drawing @param {number} other */
function edgeOf({ capacity }, other) {
  return isNumber(capacity) && capacity > 0 ? capacity : other;
}

/**
 * Plan the way of the moving point from its ring to its dot: past the edge is loss, on the diagonal is fairness.
 * @param {Phase} drawing
 * @param {Room} room
 * @returns {Plan}
 */
export function phase(drawing, room) {
  const { shared, width, Plot } = room;
  const most = shared.x ? shared.x[1] : reach(drawing);
  const between = /** @type {Pair} */ ([0, most]);
  const axis = { label: "", unit: "", low: null, high: null, log: false };
  const ticks = (/** @type {Box} */ at) => ({
    x: ticked({ axis, between, most: 4, unit: drawing.unit, long: at.wide, upright: false }),
    y: ticked({ axis, between, most: 4, unit: "", long: at.high, upright: true }),
  });
  const [first, numbers] = [ticks(whole(room)), shared.numbers.includes("y")];
  const points = seen(drawing);
  return {
    margins: { left: numbers ? widthOf(first.y) + 8 : 2, right: Math.max(2, widthOf(first.x) / 2), top: numbers ? 28 : 10, bottom: 43 },
    height: null,
    square: true,
    paint: (sheet, at) => {
      const marks = ticks(at);
      const { x, y } = chart(Plot, sheet, at, {
        x: { axis, between, ticks: marks.x, numbers: true },
        y: { axis, between, ticks: marks.y, numbers },
        grid: false,
        marks: [
          Plot.line([[0, 0], [most, most]], { stroke: OK.line, strokeWidth: 1.4, strokeDasharray: "5.6,4.2" }),
          Plot.line(points, { stroke: OURS.line, strokeWidth: 1.2 }),
          Plot.dot(points.slice(0, 1), { r: 3.5, fill: PAPER, stroke: OURS.line, strokeWidth: 1.8 }),
          Plot.dot(points.slice(-1), { r: 4, fill: OURS.line }),
        ],
      });
      const edge = Math.min(edgeOf(drawing, most), most);
      const corners = /** @type {Pair[]} */ ([[0, edge], [edge, 0], [most, 0], [most, most], [0, most]]);
      const spot = (/** @type {Pair} */ [a, b]) => /** @type {Pair} */ ([x(a), y(b)]);
      sheet.add(0, el("path", { d: through(corners.map(spot), true), fill: LOST.tint }));
      const told = /** @type {const} */ ({ size: SMALL, anchor: "end", z: 1.5 });
      label(sheet, x(most * 0.95) + 4, y(most * 0.93) + 4, "fair", { ...told, ink: OK, turn: 45 });
      label(sheet, x(most * 0.97), y(most * 0.56) - 4, "too much", { ...told, ink: LOST });
      label(sheet, at.x, at.y + at.high + 33, `${drawing.names[0]} sends →`, {});
      const name = `${drawing.names[1]} sends ↑, ${drawing.unit}`.replace(/, $/, "");
      if (numbers) label(sheet, at.x, at.y - 14.5, fits(name, width, BODY), {});
      const holds = (/** @type {Pair} */ [px, py]) => (px - at.x) / at.wide + (at.y + at.high - py) / at.high > edge / most;
      remarkAll(sheet, at, drawing.remarks, (r) => (isNumber(r.x) && isNumber(r.y) ? spot([r.x, r.y]) : null), {
        paths: [points.map(spot)], crosses: [], grounds: [{ fill: LOST.tint, holds }],
      });
    },
  };
}
