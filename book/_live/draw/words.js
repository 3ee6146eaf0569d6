// Words before they are drawn: how wide they are, where their lines break, how they are cut.

import { BODY, FAMILY, MONO, SMALL } from "./style.js";

/** @typedef {{bold?: boolean, mono?: boolean}} Face */

// what neither a font nor XML has: control characters (a new line is none), halves of pairs, no characters at all
const UNSEEN = /[\x00-\x09\x0b-\x1f\x7f-\x9f\ufffe\uffff]|\p{Surrogate}/gu;
const SAID = new Map([["\t", "\\t"], ["\r", "\\r"]]);

/**
 * Return `text` with every character that cannot be drawn as Python writes it: words may come off the wire.
 * @param {unknown} text
 */
export function legible(text) {
  return `${text ?? ""}`.replace(UNSEEN, (sign) => {
    const code = sign.charCodeAt(0);
    return SAID.get(sign) ?? (code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`);
  });
}

/** @type {Map<string, number>} */
const known = new Map();
const MOST = 4096; // widths kept; a picture has some hundred words, and a page draws the same ones again
/** @type {CanvasRenderingContext2D | null | undefined} */
let pen;

// what was measured in a stand-in, before the book's own letters had arrived, is measured again
if (typeof document !== "undefined") document.fonts?.addEventListener?.("loadingdone", () => known.clear());

/**
 * Return how many px wide `text` will be, or its widest line, so that it can be placed before it is drawn.
 * @param {string} text
 * @param {number} [size]
 * @param {Face} [face]
 */
export function textWidth(text, size = BODY, face = {}) {
  const key = `${size}${face.bold ? "b" : ""}${face.mono ? "m" : ""} ${text}`;
  let wide = known.get(key);
  if (wide === undefined) {
    wide = Math.max(...legible(text).split("\n").map((line) => measured(line, size, face)));
    if (known.size >= MOST) known.clear();
    known.set(key, wide);
  }
  return wide;
}

/**
 * Ask the canvas; where there is none, guess by the mean letter of each family.
 * @param {string} line
 * @param {number} size
 * @param {Face} face
 */
function measured(line, size, { bold, mono }) {
  if (pen === undefined) pen = typeof document === "undefined" ? null : document.createElement("canvas").getContext("2d");
  if (!pen) return line.length * size * (mono ? 0.6 : bold ? 0.58 : 0.54);
  pen.font = `${bold ? 600 : 400} ${size}px ${mono ? MONO : FAMILY}`;
  return pen.measureText(line).width;
}

/**
 * Return `text` in lines of at most `room` px; a longer word has a line of its own.
 * @param {string} text
 * @param {number} room
 * @param {number} [size]
 * @param {Face} [face]
 */
export function wrapped(text, room, size = BODY, face = {}) {
  /** @type {string[]} */
  const lines = [];
  for (const word of `${text ?? ""}`.trim().split(/\s+/)) {
    const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
    if (lines.length && textWidth(longer, size, face) <= room) lines[lines.length - 1] = longer;
    else if (word) lines.push(word);
  }
  return lines;
}

/**
 * Return `text`, cut to `room` px with an ellipsis where it must be; nothing, where not a letter fits.
 * @param {string} text
 * @param {number} room
 * @param {number} [size]
 * @param {Face} [face]
 */
export function fits(text, room, size = BODY, face = {}) {
  if (textWidth(text, size, face) <= room) return text;
  const letters = [...text.slice(0, 1000)]; // no picture is as wide as that
  const cut = (/** @type {number} */ n) => letters.slice(0, n).join("").replace(/[ .,:;]+$/, "") + "…";
  let low = 0;
  for (let high = letters.length - 1; low < high; ) {
    const middle = Math.ceil((low + high) / 2);
    if (textWidth(cut(middle), size, face) <= room) low = middle;
    else high = middle - 1;
  }
  return low ? cut(low) : "";
}

/** How wide the widest of some lines is, in px. @param {string[]} lines @param {number} [size] @param {Face} [face] */
export function widest(lines, size = SMALL, face = {}) {
  return Math.max(0, ...lines.map((line) => textWidth(line, size, face)));
}
