// The fields of some bytes as a list, each with the rule that made it. The twin of netlab/show/hexview.py. The page's
// hex.js finds the view, and joins fields and bytes by mouse, touch and keyboard.

import { html } from "./html.js";
import { own, parts } from "./octets.js";
import { linked } from "./rules.js";
import { hueNamed } from "./style.js";
import { legible } from "./words.js";

/** @import {Bytes, One, Panels} from "./types" */

const FOLDED = 12; // a longer list waits behind its summary

/** The bytes whose fields are listed below the picture: of panels, the first whose rules are given. @param {One | Panels} drawing */
export function listed(drawing) {
  if (drawing.kind !== "panels") return drawing.kind === "bytes" ? drawing : null;
  for (const { drawing: one } of drawing.panels) {
    if (one.kind === "bytes" && one.rules && Object.keys(one.rules).length) return one;
  }
  return null;
}

/**
 * Return the picture with its list of fields below it; without named fields, the picture alone.
 * @param {SVGElement} svg
 * @param {Bytes} drawing
 */
export function withFields(svg, drawing) {
  const rows = parts(drawing).flatMap((part, n) => (part.name ? [row(n, part, drawing)] : []));
  if (!rows.length) return svg;
  const list = html("ol", { "aria-label": `The fields of ${drawing.octets.length / 2} bytes` }, ...rows);
  const folded = rows.length > FOLDED ? html("details", {}, html("summary", {}, `All ${rows.length} fields`), list) : list;
  return html("div", { class: "nl-hex" }, svg, folded);
}

/**
 * One field's row.
 * @param {number} n
 * @param {ReturnType<typeof parts>[number]} part
 * @param {Bytes} drawing
 */
function row(n, part, drawing) {
  const at = part.stop > part.start + 1 ? `${part.start}–${part.stop - 1}` : `${part.start}`;
  const value = part.says ? part.value : shown(drawing.octets.slice(2 * part.start, 2 * part.stop));
  return html(
    "li",
    { "data-f": `${n}`, class: `nl-${hueNamed(part.hue)}` },
    html("span", { class: "at" }, at),
    html("span", { class: "name" }, legible(part.name)),
    html("code", {}, legible(value)),
    html("span", { class: "rule" }, ...linked(legible(own(drawing.rules, part.name) ?? ""))),
  );
}

/** Bytes in hex, of many only the first. @param {string} hex */
function shown(hex, most = 12) {
  const apart = hex.slice(0, 2 * most).replace(/..(?=.)/g, "$& ");
  return hex.length <= 2 * most ? apart : `${apart} … ${hex.length / 2} bytes`;
}
