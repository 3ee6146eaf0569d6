// Where drawings go: how much room each asks for, and how several share one picture. The twin of netlab/show/plan.py.

import { PHONE } from "./style.js";

/** @import {Box, Margins, Pair, Placed, Plan, Shared} from "./types" */

/** @type {Shared} */
export const ALONE = { x: null, y: null, numbers: "xy", names: true };

/** Return a larger rectangle: px more to the left and right, and above and below. @param {Box} box @param {number} across */
export function around(box, across, along = across) {
  return { x: box.x - across, y: box.y - along, wide: box.wide + 2 * across, high: box.high + 2 * along };
}

/** Whether the point is within. @param {Box} box @param {Pair} point */
export function covers(box, [x, y]) {
  return box.x < x && x < box.x + box.wide && box.y < y && y < box.y + box.high;
}

/** Whether they overlap. @param {Box} a @param {Box} b */
export function meets(a, b) {
  return a.x < b.x + b.wide && b.x < a.x + a.wide && a.y < b.y + b.high && b.y < a.y + a.high;
}

/** How far outside a point is, in px. @param {Box} box @param {Pair} point */
export function gap(box, [x, y]) {
  return Math.hypot(Math.max(box.x - x, 0, x - box.x - box.wide), Math.max(box.y - y, 0, y - box.y - box.high));
}

/**
 * Return one drawing's axes within the box `at`, its words around them inside the box too.
 * @param {Plan} plan
 * @param {Box} at
 * @returns {Placed[]}
 */
export function alone(plan, at) {
  const m = plan.margins;
  let wide = at.wide - m.left - m.right;
  let high = at.high - m.top - m.bottom;
  if (plan.square) wide = high = at.wide < PHONE ? wide : Math.min(wide, high);
  return [{ plan, box: { x: at.x + m.left, y: at.y + m.top, wide: Math.max(1, wide), high: plan.height ?? Math.max(24, high) } }];
}

/** @param {Plan[]} plans @param {keyof Margins} side */
function most(plans, side) {
  return Math.max(...plans.map((plan) => plan.margins[side]));
}

/**
 * Return drawings one above the other, their axes on the same two edges, their heights in `shares`.
 * @param {Plan[]} plans
 * @param {number[]} shares
 * @param {Box} at
 * @returns {Placed[]}
 */
export function stacked(plans, shares, at) {
  const left = most(plans, "left");
  const wide = Math.max(1, at.wide - left - most(plans, "right"));
  const words = plans.reduce((sum, { margins: m, height }) => sum + m.top + m.bottom + (height ?? 0), 0);
  const whole = plans.reduce((sum, plan, n) => sum + (plan.height === null ? shares[n] : 0), 0) || 1;
  let y = at.y;
  return plans.map((plan, n) => {
    const high = plan.height ?? Math.max(24, ((at.high - words) * shares[n]) / whole);
    const side = plan.square ? (at.wide < PHONE ? wide : Math.min(wide, high)) : wide;
    const box = { x: at.x + left, y: y + plan.margins.top, wide: side, high: plan.square ? side : high };
    y = box.y + box.high + plan.margins.bottom;
    return { plan, box };
  });
}

/**
 * Return drawings side by side, equally wide, `apart` px between them, their axes on the same two heights.
 * @param {Plan[]} plans
 * @param {Box} at
 * @param {number} apart
 * @returns {Placed[]}
 */
export function beside(plans, at, apart) {
  const top = most(plans, "top");
  const words = plans.reduce((sum, { margins: m }) => sum + m.left + m.right, 0) + apart * (plans.length - 1);
  const wide = Math.max(1, (at.wide - words) / plans.length);
  const high = Math.max(24, at.high - top - most(plans, "bottom"));
  let x = at.x;
  return plans.map((plan) => {
    const side = plan.square ? Math.min(wide, high) : wide;
    const box = { x: x + plan.margins.left, y: at.y + top, wide: side, high: plan.height ?? (plan.square ? side : high) };
    x = box.x + side + plan.margins.right + apart;
    return { plan, box };
  });
}

/** How many px from the top the lowest word stands. @param {Placed[]} placed */
export function extent(placed) {
  return Math.max(...placed.map(({ plan, box }) => box.y + box.high + plan.margins.bottom));
}
