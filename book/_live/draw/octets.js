// Bytes with their names, in hex as they travel. The twin of netlab/show/octets.py.

import { openBits } from "./bits.js";
import { BODY, MUTED, PAPER, PHONE, SMALL, WASH, inkOf } from "./style.js";
import { Sheet, diagram, el, label, mono, patch, rule, small } from "./svg.js";
import { textWidth } from "./words.js";

/** @import {Box, Bytes, Hue, Room, Span} from "./types" */

/**
 * Bytes `start` to `stop`, the name and value that were read, and their colour. Unread bytes have no name. `says` is
 * false where the value is only how many bytes there are.
 * @typedef {{start: number, stop: number, name: string, value: string, hue: Hue, says: boolean}} Part
 */
/** @typedef {{x: number, text: string, level: number}} Name where a field's name begins, and how high it stands */
/** @typedef {{part: Part, offset: number}} Shown a byte, or with -1 what stands for many */

const HIGH = 30; // px of a row of bytes
const LETTER = 16; // px that their letters add
const EDGE = { stroke: PAPER, "stroke-width": 1.5, "stroke-linejoin": "miter" };

/** Return bytes from hex. What is no hex is no byte. @param {string} hex */
export function bytesOf(hex) {
  return (hex.match(/[0-9a-f]{2}/gi) ?? []).map((pair) => parseInt(pair, 16));
}

/**
 * Return all bytes in their order, in parts as the parser named them, and in grey what it did not read.
 *
 * Neighbours differ in colour: purple and grey in turn, where no other was asked for. A byte that was read twice
 * belongs to who read it first.
 * @param {Bytes} drawing
 */
export function parts(drawing) {
  /** @type {Part[]} */
  const found = [];
  const length = drawing.octets.length / 2;
  const unread = (/** @type {number} */ start, /** @type {number} */ stop) =>
    found.push({ start, stop, name: "", value: "", hue: "grey", says: true });
  let at = 0;
  [...drawing.spans].sort((a, b) => a.start - b.start || a.stop - b.stop).forEach((span, n) => {
    const stop = Math.min(span.stop, length);
    if (span.start > at) unread(at, span.start);
    if (stop > Math.max(at, span.start)) {
      const hue = own(drawing.hues, span.name) ?? (n % 2 ? "grey" : "purple");
      found.push({ start: Math.max(at, span.start), stop, name: span.name, hue, ...valued(span.value) });
    }
    at = Math.max(at, stop);
  });
  if (at < length) unread(at, length);
  return found;
}

/**
 * Return what a table says of `name`: a field may be called "constructor" by who sent it.
 * @template T
 * @param {Record<string, T> | null} table
 * @param {string} name
 */
export function own(table, name) {
  return table && Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Return what to say of a value: bytes only by their number. @param {Span["value"]} value */
function valued(value) {
  if (value !== null && typeof value === "object" && "hex" in value) {
    const count = value.hex.length / 2;
    return { value: `${count} byte${count === 1 ? "" : "s"}`, says: false };
  }
  return { value: value == null ? "" : `${value}`, says: true };
}

/**
 * Plan bytes in hex, 16 to a row (8 on a phone), named by the parser's own spans, some opened into bits.
 * @param {Bytes} drawing
 * @param {Room} room
 */
export function octets(drawing, { width }) {
  const sheet = new Sheet();
  const data = bytesOf(drawing.octets);
  const [perRow, left] = width < PHONE ? [8, 40] : [16, 46];
  const side = (width - 2 - left) / perRow;
  const high = drawing.letters ? HIGH + LETTER : HIGH;
  const all = parts(drawing);
  const shown = all.flatMap((part) => visible(part, drawing.elide).map((offset) => ({ part, offset })));
  /** @type {Map<number, Box>} */
  const where = new Map();
  let y = 0;
  for (let first = 0; first < shown.length; first += perRow) {
    const row = shown.slice(first, first + perRow);
    const runs = runsOf(row);
    const names = stagger(runs.map(({ part, at }) => [left + at[0] * side, said(part, row[at[0]].offset)]), width - 4);
    y += names.some((name) => name.text) ? 22 + 18 * Math.max(...names.map((name) => name.level)) : 10;
    mono(sheet, left - 8, y + HIGH / 2, Math.abs(row[0].offset).toString(16).padStart(4, "0"), { anchor: "end", fill: MUTED });
    runs.forEach(({ part, at }, n) => {
      for (const column of at) {
        const place = { x: left + column * side, y, wide: side, high };
        where.set(row[column].offset, place);
        octet(sheet, place, data[row[column].offset], part.hue, all.indexOf(part), drawing.letters);
      }
      head(sheet, left + at[0] * side, y, at.length * side, names[n], part.hue);
    });
    y += high + 10;
  }
  const deep = drawing.bits.length ? openBits(sheet, drawing.bits, data, where, [left, y], width) : 0;
  return diagram(sheet, y + deep);
}

/** The offsets to show of a field; -1 stands for all that is left out. @param {Part} part @param {number} elide */
function visible(part, elide) {
  const whole = Array.from({ length: part.stop - part.start }, (_, n) => part.start + n);
  const most = Math.max(elide, 8);
  return whole.length <= most ? whole : [...whole.slice(0, most - 4), -1, ...whole.slice(-3)];
}

/** The columns of each part in a row. @param {Shown[]} row */
function runsOf(row) {
  /** @type {{part: Part, at: number[]}[]} */
  const runs = [];
  row.forEach(({ part }, n) => {
    const last = runs.at(-1);
    if (last?.part === part) last.at.push(n);
    else runs.push({ part, at: [n] });
  });
  return runs;
}

/** A field's name and value, where the field begins; nothing where it goes on. @param {Part} part @param {number} first */
function said(part, first) {
  return first === part.start ? `${part.name}  ${part.value}`.trimEnd() : "";
}

/**
 * Lift each name over every name to its right that it would touch, and so over that name's leader too.
 * @param {[number, string][]} names
 * @param {number} right
 */
function stagger(names, right) {
  /** @type {Name[]} */
  const placed = [];
  for (const [start, text] of [...names].reverse()) {
    const long = textWidth(text, SMALL);
    const x = Math.max(0, Math.min(start + 6, right - long));
    const near = placed.filter((other) => other.text && other.x < x + long + 8).map((other) => other.level);
    placed.push({ x, text, level: Math.max(-1, ...near) + 1 });
  }
  return placed.reverse();
}

/**
 * Draw one byte of a field, or what stands for many. It keeps the field's number, for who points at it.
 * @param {Sheet} sheet
 * @param {Box} at
 * @param {number | undefined} byte
 * @param {Hue} hue
 * @param {number} field
 * @param {boolean} letters
 */
function octet(sheet, at, byte, hue, field, letters) {
  const known = byte !== undefined;
  const group = el("g", { "data-f": field }, patch(at, known ? inkOf(hue).tint : WASH, EDGE));
  sheet.add(1, group);
  const x = at.x + at.wide / 2;
  mono(sheet, x, at.y + HIGH / 2, known ? byte.toString(16).padStart(2, "0") : "···", { size: BODY, into: group });
  if (!letters || !known) return;
  const seen = byte >= 0x20 && byte < 0x7f;
  const look = seen ? { ink: inkOf(hue), bold: true } : { fill: MUTED };
  label(sheet, x, at.y + HIGH + 3, seen ? String.fromCharCode(byte) : "·", { anchor: "middle", into: group, ...look });
}

/**
 * Draw the bar over a field, its name, and the leader between them.
 * @param {Sheet} sheet
 * @param {number} x
 * @param {number} y
 * @param {number} wide
 * @param {Name} name
 * @param {Hue} hue
 */
function head(sheet, x, y, wide, name, hue) {
  const [start, ink] = [x + 1, inkOf(hue)];
  sheet.add(2, rule([[start, y - 2.5], [x + wide - 1, y - 2.5]], ink.line, 2.4));
  if (!name.text) return;
  const up = (name.x > start ? 16 : 4) + 18 * name.level; // a name that was pushed left covers its own leader
  sheet.add(2, rule([[start + 0.6, y - 3], [start + 0.6, y - up]], ink.line, 1.2));
  small(sheet, name.x, y - 12 - 18 * name.level, name.text, { ink, anchor: "start", plain: name.level > 0 });
}
