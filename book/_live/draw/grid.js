// Who accepts what. The twin of netlab/show/grid.py.

import { BODY, INK, LEAD, LOST, MUTED, OK, PAPER, SMALL, WASH } from "./style.js";
import { Sheet, cell, diagram, label, rule, small } from "./svg.js";
import { fits, textWidth, widest, wrapped } from "./words.js";

/** @import {Box, Grid, Room} from "./types" */

const HIGH = 36; // px of a row
const CLOSE = 23; // of one among many, where a glance along it need not be led
const MANY = 16; // rows

/**
 * Plan who accepts what: tick, cross or a word. Only the `wrong` cells are filled: they are the message.
 *
 * Shape and fill carry it; colour only helps.
 * @param {Grid} drawing
 * @param {Room} room
 */
export function grid(drawing, { width }) {
  const sheet = new Sheet();
  const left = Math.min(width * 0.42, widest(drawing.rows, BODY) + 18);
  const wide = (width - left - 2) / drawing.columns.length;
  const wrong = new Set(drawing.wrong.map(([row, column]) => `${row} ${column}`));
  let y = heads(sheet, drawing.columns, left, wide);
  drawing.rows.forEach((name, r) => {
    const size = textWidth(name) < left - 12 ? BODY : SMALL;
    const lines = wrapped(name, left - 12, size);
    const high = drawing.rows.length <= MANY ? Math.max(HIGH, 6 + 15 * lines.length) : CLOSE + 15 * (lines.length - 1);
    lines.forEach((text, n) => {
      const middle = y + high / 2 + (n - (lines.length - 1) / 2) * 15;
      small(sheet, left - 10, middle, text, { anchor: "end", fill: INK, size });
    });
    (drawing.verdicts[r] ?? []).forEach((verdict, c) => {
      answer(sheet, { x: left + c * wide, y, wide, high }, verdict, wrong.has(`${r} ${c}`));
    });
    y += high;
  });
  return diagram(sheet, y + 4);
}

/**
 * Write the columns' names, in lines, or leaning where a word is too long. Return how many px they take.
 * @param {Sheet} sheet
 * @param {string[]} columns
 * @param {number} left
 * @param {number} wide
 */
function heads(sheet, columns, left, wide) {
  const names = columns.map((name) => wrapped(name, wide - 6));
  if (widest(names.flat(), BODY) <= wide - 4) {
    const top = 12 + LEAD * Math.max(...names.map((lines) => lines.length));
    names.forEach((lines, c) =>
      lines.reverse().forEach((line, n) => label(sheet, left + (c + 0.5) * wide, top - 14 - n * LEAD, line, { anchor: "middle", fill: INK })));
    return top;
  }
  const long = Math.min(140, widest(columns, BODY)) * 0.62;
  columns.forEach((name, c) => label(sheet, left + (c + 0.5) * wide - 4, 12 + long, fits(name, 140), { fill: INK, turn: 38 }));
  return 24 + long;
}

/**
 * Draw one cell: a tick, a cross, a word or nothing.
 * @param {Sheet} sheet
 * @param {Box} at
 * @param {boolean | string | null} verdict
 * @param {boolean} bad
 */
function answer(sheet, at, verdict, bad) {
  const [x, y] = [at.x + at.wide / 2, at.y + at.high / 2];
  sheet.add(1, cell(at, bad ? LOST.text : verdict === true ? OK.tint : WASH, 2.5));
  const ink = bad ? PAPER : verdict === true ? OK.text : MUTED;
  if (verdict === true) {
    sheet.add(2, rule([[x - 5, y], [x - 1.5, y + 4], [x + 6, y - 5]], ink, 2, { "stroke-linejoin": "miter", "stroke-linecap": "round" }));
  } else if (verdict === false) {
    for (const up of [4.5, -4.5]) sheet.add(2, rule([[x - 4.5, y - up], [x + 4.5, y + up]], ink, 1.8));
  } else if (verdict) {
    small(sheet, x, y, fits(verdict, at.wide - 6, SMALL), { fill: ink });
  }
}
