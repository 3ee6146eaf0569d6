// Several drawings in one picture. The twin of netlab/show/panels.py.

import { ALONE, beside, stacked } from "./plan.js";
import { xLimits, yLimits } from "./lines.js";
import { reach } from "./phase.js";
import { BODY, INK, LEAD, PHONE } from "./style.js";
import { label } from "./svg.js";
import { span } from "./timeline.js";
import { wrapped } from "./words.js";

/** @import {Axis, Box, Lines, One, Pair, Panels, Phase, Placed, Plan, PlotLibrary, Room, Shared, Timeline} from "./types" */

const GAP = 22; // px between panels side by side

/**
 * Plan each panel. Return where they all go, within the width of the box `at` and its height.
 *
 * On a phone, panels that would stand side by side stand one above the other, each as high as the box.
 * @param {Panels} panels
 * @param {(drawing: One, room: Room) => Plan} plan
 * @param {PlotLibrary} Plot
 * @param {Box} at
 * @returns {Placed[]}
 */
export function arrange({ panels, stacked: above }, plan, Plot, at) {
  const columns = above || at.wide < PHONE ? 1 : panels.length;
  const width = (at.wide - GAP * (columns - 1)) / columns;
  const drawings = panels.map((panel) => panel.drawing);
  const plans = drawings.map((one, n) => plan(one, { width, height: at.high, shared: shareOf(drawings, n, columns, above), Plot }));
  const highest = Math.max(...plans.map(({ margins }) => margins.top));
  const titles = plans.map((one, n) => titled(panels[n].title, width, columns > 1 ? highest : one.margins.top, one));
  if (columns > 1) return beside(titles, at, GAP);
  const shares = panels.map((panel) => (above && panel.share > 0 ? panel.share : 1));
  return stacked(titles, shares, above ? at : { ...at, high: at.high * panels.length });
}

/**
 * Return what the `n`-th panel has in common with the others: their x where stacked, all axes otherwise.
 * @param {One[]} drawings
 * @param {number} n
 * @param {number} columns
 * @param {boolean} above
 * @returns {Shared}
 */
function shareOf(drawings, n, columns, above) {
  const last = drawings.length - 1;
  if (drawings.every((one) => one.kind === "phase")) {
    const most = Math.max(...drawings.map((one) => reach(/** @type {Phase} */ (one))));
    return { x: [0, most], y: [0, most], numbers: n === 0 || columns === 1 ? "xy" : "x", names: true };
  }
  const timed = /** @type {(Lines | Timeline)[]} */ (drawings.filter((one) => one.kind === "lines" || one.kind === "timeline"));
  if (timed.length <= last) return ALONE;
  const x = common(timed.map((one) => (one.kind === "lines" ? one.x : one.time)), () =>
    timed.map((one) => (one.kind === "lines" ? xLimits(one) : span(one))));
  if (above) return { x, y: null, numbers: n === last || !x ? "xy" : "y", names: true };
  const curves = /** @type {Lines[]} */ (timed.filter((one) => one.kind === "lines"));
  if (curves.length <= last) return ALONE;
  const y = common(curves.map((one) => one.y), () => curves.map(yLimits), true);
  const alone = n === 0 || columns === 1 || !y;
  const [measures, lasts] = [curves[n], curves[last]].map((one) => JSON.stringify([one.levels, one.areas]));
  const names = columns === 1 || n === last || measures !== lasts; // the same names stand at the last panel only
  return { x, y, numbers: alone ? "xy" : "x", names };
}

/**
 * Return limits that hold all of an axis that is the same in each panel; null where it is not.
 * @param {Axis[]} axes
 * @param {() => Pair[]} limits
 * @param {boolean} [logs] whether a log axis differs from another
 * @returns {Pair | null}
 */
function common(axes, limits, logs = false) {
  const names = new Set(axes.map((axis) => JSON.stringify([axis.label, axis.unit, logs && axis.log])));
  if (names.size !== 1) return null;
  const all = limits();
  return [Math.min(...all.map(([low]) => low)), Math.max(...all.map(([, high]) => high))];
}

/**
 * Return the plan with room for a title above the `top` px of words that stand above the axes.
 * @param {string} title
 * @param {number} width
 * @param {number} top
 * @param {Plan} plan
 * @returns {Plan}
 */
function titled(title, width, top, plan) {
  const lines = wrapped(title, width - plan.margins.left, BODY, { bold: true });
  if (!lines.length) return plan;
  return {
    ...plan,
    margins: { ...plan.margins, top: top + 3 + LEAD * lines.length },
    paint: (sheet, at) => {
      plan.paint(sheet, at);
      const middle = at.y - top - 9 - (LEAD * (lines.length - 1)) / 2;
      label(sheet, at.x, middle, lines.join("\n"), { fill: INK, bold: true });
    },
  };
}
