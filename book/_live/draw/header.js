// A header as its RFC draws it, 32 bits to a row. The twin of netlab/show/header.py.

import { MUTED, SMALL, inkOf } from "./style.js";
import { Sheet, cell, diagram, mono, small } from "./svg.js";
import { fits, textWidth } from "./words.js";

/** @import {Field, Header, Room} from "./types" */
/** @typedef {{row: number, start: number, bits: number, rows: number}} Piece what of a field is in one rectangle */

const HIGH = 46; // px of a row
const HEAD = 20; // px of the numbers of the bits above all

/**
 * Return the rectangles of a field that begins at bit `at`: whole rows are one, what goes over an edge is two.
 * @param {number} at
 * @param {number} bits
 */
export function pieces(at, bits) {
  /** @type {Piece[]} */
  const found = [];
  while (bits > 0) {
    const [row, start] = [Math.floor(at / 32), at % 32];
    const rows = start === 0 ? Math.max(1, Math.floor(bits / 32)) : 1;
    const took = rows === 1 ? Math.min(bits, 32 - start) : 32 * rows;
    found.push({ row, start, bits: Math.min(took, 32), rows });
    [at, bits] = [at + took, bits - took];
  }
  return found;
}

/**
 * Plan a header's fields in rows of 32 bits; a field too narrow for its name shows the first letter.
 * @param {Header} drawing
 * @param {Room} room
 */
export function header(drawing, { width }) {
  const sheet = new Sheet();
  const bit = (width - 4) / 32;
  for (const n of [0, 8, 16, 24, 32]) {
    mono(sheet, 2 + n * bit, 8, `${n}`, { anchor: n === 0 ? "start" : n === 32 ? "end" : "middle", fill: MUTED });
  }
  let at = 0;
  for (const field of drawing.fields) {
    const found = pieces(at, field.bits);
    const named = found.reduce((a, b) => (b.bits * b.rows > a.bits * a.rows ? b : a), found[0]);
    for (const piece of found) drawPiece(sheet, field, piece, bit, piece === named);
    at += field.bits;
  }
  return diagram(sheet, HEAD + HIGH * Math.ceil(at / 32) + 4);
}

/**
 * Draw one rectangle of a field, with the field's name and value if it is the largest.
 * @param {Sheet} sheet
 * @param {Field} field
 * @param {Piece} piece
 * @param {number} bit
 * @param {boolean} named
 */
function drawPiece(sheet, field, piece, bit, named) {
  const at = { x: 2 + piece.start * bit, y: HEAD + piece.row * HIGH, wide: piece.bits * bit, high: HIGH * piece.rows };
  const [x, y, room, ink] = [at.x + at.wide / 2, at.y + at.high / 2, at.wide - 6, inkOf(field.hue)];
  sheet.add(1, cell(at, ink.tint));
  if (!named) {
    const part = piece.start === 0 ? `… ${field.name}` : `${field.name} …`; // goes on, and goes on below
    small(sheet, x, y, fits(part, room, SMALL), { ink });
    return;
  }
  const low = field.value && textWidth(field.value, SMALL, { mono: true }) <= room;
  small(sheet, x, low ? y - 9 : y, abridged(field.name, room), { ink, bold: true });
  if (low) mono(sheet, x, y + 9, field.value);
}

/** A field's name, as much of it as there is room for, and at least its first letter. @param {string} name @param {number} room */
function abridged(name, room) {
  const said = fits(name, room, SMALL, { bold: true });
  return said === name || said.length > 4 ? said : [...name].slice(0, 1).join("");
}
