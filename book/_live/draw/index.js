// Draws a picture as SVG: the page's twin of netlab.show, from the same data (`netlab.picture.Picture.data()`).
//
//     import { draw } from "./draw/index.js";
//     place.replaceChildren(draw(picture, { width: place.clientWidth, Plot, d3 }));
//
// Charts (lines, bars, spreads, phase, timeline) are drawn by Observable Plot in the book's look (chart.js); diagrams
// are plain SVG (svg.js). Nothing here fetches, waits or keeps anything but the widths of words; the same picture at the same
// width is the same drawing. Colours are the page's custom properties, so a drawing follows day and night.

import { conversation, possible } from "./conversation.js";
import { listed, withFields } from "./fields.js";
import { grid } from "./grid.js";
import { header } from "./header.js";
import { lines } from "./lines.js";
import { withMessages } from "./messages.js";
import { octets } from "./octets.js";
import { arrange } from "./panels.js";
import { phase } from "./phase.js";
import { ALONE, alone, extent } from "./plan.js";
import { bars, spreads } from "./rows.js";
import { states } from "./states.js";
import { BODY, FAMILY, INK } from "./style.js";
import { NOTHING, Sheet, el, sentence } from "./svg.js";
import { timeline } from "./timeline.js";
import { topology } from "./topology.js";
import { legible } from "./words.js";

/** @import {One, Options, Panels, Picture, Plan, Room} from "./types" */

/** @type {Record<string, (drawing: any, room: Room) => Plan>} */
const KINDS = { lines, bars, spreads, phase, bytes: octets, header, conversation, states, grid, timeline, topology };

/**
 * Return the picture as an <svg>; of bytes, a <div class="nl-hex"> with the <svg> and the list of their fields; of a
 * conversation, a <div class="nl-seq"> with the <svg> and the list of its messages. The page's hex.js and step.js
 * find both, as they find those that were in the page at first.
 *
 * `width` is in CSS px; below 480 the layout is a phone's. The <svg> is an image whose name is the picture's
 * sentence. A drawing of no known kind, or of nothing, becomes a sentence that says so.
 * @param {Picture} picture
 * @param {Options} options
 * @returns {SVGElement | HTMLElement}
 */
export function draw(picture, { width, Plot }) {
  const wide = Math.max(200, Number.isFinite(width) ? width : 680);
  const high = picture.height > 0 && picture.height < 4000 ? picture.height : 300;
  const sheet = new Sheet();
  const at = { x: 0, y: 0, wide, high };
  const { drawing } = picture;
  const placed = drawing.kind === "panels" ? arrange(drawing, plan, Plot, at) : alone(plan(drawing, { width: wide, height: high, shared: ALONE, Plot }), at);
  for (const { plan: one, box } of placed) one.paint(sheet, box);
  const svg = framed(picture.sentence, wide, Math.ceil(extent(placed)), sheet);
  if (drawing.kind === "conversation") {
    const told = possible(drawing);
    return told.messages.length ? withMessages(svg, told, picture.title) : svg;
  }
  const bytes = listed(drawing);
  if (drawing.kind === "panels") unnumber(svg, drawing, bytes);
  return bytes ? withFields(svg, bytes) : svg;
}

/** Plan whatever a drawing is. @param {One} drawing @param {Room} room @returns {Plan} */
function plan(drawing, room) {
  const kind = Object.hasOwn(KINDS, drawing.kind) ? KINDS[drawing.kind] : null;
  if (!kind) return sentence(`There is no drawing of the kind “${drawing.kind}”.`, room.width);
  return empty(drawing) ? sentence(NOTHING, room.width) : kind(drawing, room);
}

/** Whether a drawing has not a single thing in it. @param {One} drawing */
function empty(drawing) {
  const things = {
    lines: "curves", bars: "bars", spreads: "rows", phase: "points", bytes: "octets", header: "fields", conversation: "messages",
    states: "table", grid: "columns", timeline: "stretches", topology: "hosts",
  }[drawing.kind];
  return !(/** @type {any} */ (drawing)[things]?.length);
}

/** @param {string} name @param {number} wide @param {number} high @param {Sheet} sheet */
function framed(name, wide, high, sheet) {
  return el("svg", {
    viewBox: `0 0 ${wide} ${high}`, width: wide, height: high, role: "img", "aria-label": legible(name),
    fill: INK, "font-family": FAMILY, "font-size": BODY, "stroke-linejoin": "round", style: "white-space: pre",
  }, ...sheet.sorted());
}

/**
 * Take the numbers of fields and messages from all panels but the one that is listed: a number has one meaning.
 * @param {SVGElement} svg
 * @param {Panels} drawing
 * @param {One | null} one
 */
function unnumber(svg, drawing, one) {
  const groups = [...svg.children].filter((part) => part.localName === "g");
  const diagrams = drawing.panels.filter((panel) => panel.drawing.kind === "bytes" && panel.drawing.octets);
  const numbered = groups.filter((group) => group.querySelector("[data-f]"));
  numbered.forEach((group, n) => {
    if (diagrams[n]?.drawing === one) return;
    for (const cell of group.querySelectorAll("[data-f]")) cell.removeAttribute("data-f");
  });
  for (const mark of svg.querySelectorAll("[data-m], [data-after]")) {
    mark.removeAttribute("data-m");
    mark.removeAttribute("data-after");
  }
}

/** Load the four faces of the book's letters, so that words are measured as they will stand. */
export function ready() {
  const faces = [`400 ${BODY}px Inter`, `600 ${BODY}px Inter`, `400 ${BODY}px "JetBrains Mono"`];
  return Promise.all(faces.map((face) => document.fonts.load(face)));
}
