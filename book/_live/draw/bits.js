// Some bytes opened into their bits, each under a wedge that says where it comes from.

import { BODY, CONTROL, MUTED, WASH } from "./style.js";
import { cell, el, mono, rule, small, through } from "./svg.js";

/** @import {Bits, Box, Pair} from "./types" */
/** @import {Sheet} from "./svg.js" */

const HIGH = 92; // px of a row of opened bytes

/**
 * Open those bytes that are shown. Return the px they take.
 * @param {Sheet} sheet
 * @param {Bits[]} bits
 * @param {number[]} data
 * @param {Map<number, Box>} where
 * @param {Pair} corner
 * @param {number} width
 */
export function openBits(sheet, bits, data, where, [left, y], width) {
  const opened = bits.filter(({ offset }) => offset >= 0 && where.has(offset));
  const perRow = Math.max(1, Math.min(opened.length, Math.floor((width - left) / 150)));
  const side = Math.min(30, (width - left - 2) / (8.6 * perRow));
  opened.forEach(({ offset, parts }, n) => {
    const byte = /** @type {Box} */ (where.get(offset));
    const [x, top, low] = [left + (n % perRow) * side * 8.6, y + 22 + Math.floor(n / perRow) * HIGH, byte.y + byte.high];
    if (n < perRow) {
      const wedge = /** @type {Pair[]} */ ([[byte.x + 1, low], [byte.x + byte.wide - 1, low], [x + 8 * side - 1, top], [x + 1, top]]);
      sheet.add(0, el("path", { d: through(wedge, true), fill: WASH }));
    }
    const digits = data[offset].toString(2).padStart(8, "0");
    let before = 0;
    for (const [name, count] of parts) {
      drawBits(sheet, name, digits.slice(before, before + count), x + before * side, top, side);
      before += count;
    }
  });
  return HIGH * Math.ceil(opened.length / perRow);
}

/**
 * Draw some bits in cells, their name and their number below.
 * @param {Sheet} sheet
 * @param {string} name
 * @param {string} digits
 * @param {number} x
 * @param {number} top
 * @param {number} side
 */
function drawBits(sheet, name, digits, x, top, side) {
  const wide = digits.length * side;
  [...digits].forEach((digit, n) => {
    sheet.add(2, cell({ x: x + n * side, y: top, wide: side, high: 28 }, CONTROL.tint));
    mono(sheet, x + (n + 0.5) * side, top + 14.5, digit, { size: BODY });
  });
  sheet.add(2, rule([[x + 2, top + 31.5], [x + wide - 2, top + 31.5]], CONTROL.line, 2));
  small(sheet, x + wide / 2, top + 43, name, { ink: CONTROL });
  mono(sheet, x + wide / 2, top + 59, digits.length > 1 ? `${parseInt(digits, 2)}` : "", { fill: MUTED });
}
