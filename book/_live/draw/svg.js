// The small marks that every picture is made of, and the sheet that they lie on. The twin of netlab/show/marks.py.
//
// Words reach the page as text nodes only: whatever a label says, it is never read as markup.

import { BODY, GREY, INK, LEAD, LOST, MUTED, PAPER, SMALL } from "./style.js";
import { legible, textWidth, wrapped } from "./words.js";

/** @import {Box, Canvas, Ink, Look, Pair, Plan} from "./types" */

const SVG = "http://www.w3.org/2000/svg";
const DOWN = 0.363; // of a letter's size: from the middle of a line of words down to where its letters stand

/**
 * Return a number as SVG takes it: a hundredth of a pixel is more than can be seen.
 * @param {number} value
 */
export function short(value) {
  return `${Math.round(value * 100) / 100}`;
}

/**
 * Return a new SVG element. Attributes that are null or undefined are left out.
 * @param {string} name
 * @param {Record<string, string | number | null | undefined>} [attributes]
 * @param {...(Element | string)} inner
 * @returns {SVGElement}
 */
export function el(name, attributes = {}, ...inner) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value != null) made.setAttribute(key, typeof value === "number" ? short(value) : value);
  }
  made.append(...inner);
  return made;
}

/** A drawing board on which what has a higher `z` covers the rest, in whatever order it came. */
export class Sheet {
  constructor() {
    /** @type {[number, Element][]} */
    this.parts = [];
  }

  /** @param {number} z @param {...Element} parts */
  add(z, ...parts) {
    for (const part of parts) this.parts.push([z, part]);
  }

  /** Return all parts, the lowest first. */
  sorted() {
    return this.parts.sort((one, other) => one[0] - other[0]).map(([, part]) => part);
  }
}

/**
 * Return the plan of a diagram, which is drawn in px from its `top` down.
 * @param {Sheet} sheet
 * @param {number} bottom
 * @param {number} [top]
 * @returns {Plan}
 */
export function diagram(sheet, bottom, top = 0) {
  return {
    margins: { left: 0, right: 0, top: 0, bottom: 0 },
    height: bottom - top,
    square: false,
    paint: (out, box) => {
      const moved = box.x || box.y - top ? `translate(${short(box.x)} ${short(box.y - top)})` : null;
      out.add(0, el("g", { transform: moved }, ...sheet.sorted()));
    },
  };
}

export const NOTHING = "There is nothing to draw here.";

/** Plan a few words where a drawing would be. @param {string} text @param {number} width */
export function sentence(text, width) {
  const sheet = new Sheet();
  const said = wrapped(text, width - 4);
  label(sheet, 2, 8 + 8 * said.length, said.join("\n"));
  return diagram(sheet, 16 + LEAD * said.length);
}

/**
 * Say it beside the thing itself; lines are centred on `y`. Bold means: this is a name.
 * @param {Canvas} sheet
 * @param {number} x
 * @param {number} y
 * @param {string} text
 * @param {Look} [look]
 */
export function label(sheet, x, y, text, look = {}) {
  if (!text) return;
  const { size = BODY, anchor = "start", z = 6 } = look;
  const lines = legible(text).split("\n");
  const made = lines.map((line, n) => {
    const at = y + (n - (lines.length - 1) / 2) * LEAD + size * DOWN;
    return el("text", {
      x,
      y: at,
      fill: look.fill ?? look.ink?.text ?? MUTED,
      "font-size": size === BODY ? null : size,
      "font-weight": look.bold ? 600 : null,
      "text-anchor": anchor === "start" ? null : anchor,
      class: look.mono ? "nl-mono" : null,
      transform: look.turn ? `rotate(${short(-look.turn)} ${short(x)} ${short(y)})` : null,
    }, line);
  });
  const parts = look.plain ? [ground(x, y, text, look, lines.length), ...made] : made;
  if (look.into) look.into.append(...parts);
  else sheet.add(z, ...parts);
}

/**
 * Return what lies under words so that nothing shines through them.
 * @param {number} x
 * @param {number} y
 * @param {string} text
 * @param {Look} look
 * @param {number} lines
 */
function ground(x, y, text, look, lines) {
  const { size = BODY, anchor = "start" } = look;
  const wide = textWidth(text, size, look) + 3;
  const left = { start: x - 1.5, middle: x - wide / 2, end: x + 1.5 - wide }[anchor];
  const high = size * 1.22 + 3 + (lines - 1) * LEAD;
  return rect({ x: left, y: y - high / 2, wide, high }, typeof look.plain === "string" ? look.plain : PAPER);
}

/**
 * Write a label of the smallest size, centred unless told.
 * @param {Canvas} sheet
 * @param {number} x
 * @param {number} y
 * @param {string} text
 * @param {Look} [look]
 */
export function small(sheet, x, y, text, look = {}) {
  label(sheet, x, y, text, { size: SMALL, anchor: "middle", ...look });
}

/**
 * Write a byte, a number, an address: what a machine would print.
 * @param {Canvas} sheet
 * @param {number} x
 * @param {number} y
 * @param {string} text
 * @param {Look} [look]
 */
export function mono(sheet, x, y, text, look = {}) {
  small(sheet, x, y, text, { mono: true, fill: INK, ...look });
}

/** Return a filled rectangle. @param {Box} at @param {string} fill @param {Record<string, string | number>} [more] */
export function rect(at, fill, more = {}) {
  return el("rect", { x: at.x, y: at.y, width: Math.max(0, at.wide), height: Math.max(0, at.high), fill, ...more });
}

/**
 * Return a path through points, as SVG writes it.
 * @param {Pair[]} points
 * @param {boolean} [closed]
 */
export function through(points, closed = false) {
  return points.map(([x, y], n) => `${n ? "L" : "M"}${short(x)} ${short(y)}`).join("") + (closed ? "Z" : "");
}

/**
 * Return an open line through points.
 * @param {Pair[]} points
 * @param {string} stroke
 * @param {number} [width]
 * @param {Record<string, string | number>} [more]
 */
export function rule(points, stroke, width = 1.4, more = {}) {
  return el("path", { d: through(points), fill: "none", stroke, "stroke-width": width, ...more });
}

/** Mark what is lost, refused, over: the one mark that is never only a colour. @param {number} x @param {number} y */
export function cross(x, y, stroke = LOST.text) {
  const d = `M${short(x - 3.5)} ${short(y - 3.5)}l7 7m0 -7l-7 7`;
  return el("path", { d, fill: "none", stroke, "stroke-width": 2.2 });
}

/**
 * Return an arrow; the arc's height is half of `bend` times its length.
 * @param {Pair} start
 * @param {Pair} stop
 * @param {string} colour
 * @param {{width?: number, bend?: number}} [how]
 */
export function arrow(start, stop, colour, { width = 1.6, bend = 0 } = {}) {
  const [x0, y0] = start;
  const [x1, y1] = stop;
  const [cx, cy] = [(x0 + x1) / 2 - bend * (y1 - y0), (y0 + y1) / 2 + bend * (x1 - x0)];
  const [dx, dy] = bend ? [x1 - cx, y1 - cy] : [x1 - x0, y1 - y0];
  const long = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / long, dy / long];
  const back = width * 1.05; // the head is stroked too: its tip would be that much beyond
  const [tx, ty] = [x1 - ux * back, y1 - uy * back];
  /** @type {Pair[]} */
  const head = [[tx - ux * 5 - uy * 2.6, ty - uy * 5 + ux * 2.6], [tx, ty], [tx - ux * 5 + uy * 2.6, ty - uy * 5 - ux * 2.6]];
  const way = bend ? `Q${short(cx)} ${short(cy)} ` : "L";
  const stroke = { stroke: colour, "stroke-width": width };
  return el(
    "g",
    {},
    el("path", { d: `M${short(x0)} ${short(y0)}${way}${short(tx)} ${short(ty)}`, fill: "none", "stroke-linecap": "round", ...stroke }),
    el("path", { d: through(head, true), fill: colour, "stroke-linejoin": "miter", ...stroke }),
  );
}

/**
 * Return a box with round corners.
 * @param {Box} at
 * @param {Ink} [ink]
 * @param {{radius?: number, fill?: string, stroke?: string, width?: number}} [how]
 */
export function box(at, ink = GREY, { radius = 5, fill = ink.tint, stroke = ink.line, width = 1.2 } = {}) {
  return rect(at, fill, { rx: radius, stroke, "stroke-width": width });
}

/** Return a filled rectangle as a path: the page's style sheet outlines and hides these by their fill. @param {Box} at @param {string} fill @param {Record<string, string | number>} [more] */
export function patch({ x, y, wide, high }, fill, more = {}) {
  const [left, top, across, down] = [x, y, wide, high].map(short);
  return el("path", { d: `M${left} ${top}h${across}v${down}h-${across}z`, fill, ...more });
}

/** Return a filled cell, `gap` px of paper around it. @param {Box} at @param {string} fill @param {number} [gap] */
export function cell(at, fill, gap = 1.5) {
  return rect(at, fill, gap ? { stroke: PAPER, "stroke-width": gap, "stroke-linejoin": "miter" } : {});
}
