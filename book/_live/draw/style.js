// One look for every picture: colours by meaning, sizes in CSS pixels. The twin of netlab/show/style.py.
//
// A colour is one of the page's custom properties (book/_static/custom.css), so a drawing follows the page from day
// to night by itself.

/** @import {Hue, Ink} from "./types" */

export const PHONE = 480; // px: what has less room than this gets a phone's layout
export const BODY = 12.5;
export const SMALL = 11.5; // px; nothing in a picture is smaller
export const LEAD = 16; // px from one line of words to the next
export const FAMILY = "Inter, system-ui, sans-serif";
export const MONO = '"JetBrains Mono", ui-monospace, monospace';

export const INK = "var(--nl-ink)";
export const MUTED = "var(--nl-muted)";
export const FAINT = "var(--nl-faint)";
export const WASH = "var(--nl-wash)";
export const PAPER = "var(--nl-paper)";

/** @type {Hue[]} */
const HUES = ["grey", "blue", "orange", "teal", "purple", "brown"];
const INKS = new Map(HUES.map((hue) => [hue, mixed(hue)]));

/** @param {Hue} hue @returns {Ink} */
function mixed(hue) {
  return { line: `var(--nl-${hue})`, text: `var(--nl-${hue}-text)`, tint: `var(--nl-${hue}-tint)` };
}

export const GREY = mixed("grey");
export const OURS = mixed("blue");
export const OK = mixed("teal");
export const CONTROL = mixed("purple");
export const LOST = mixed("brown");

/**
 * Return a hue's three strengths. What is no hue is grey: a colour must never be the reason why nothing is drawn.
 * @param {Hue | null | undefined} hue
 */
export function inkOf(hue) {
  return INKS.get(hue ?? "grey") ?? GREY;
}

/** The name of a hue as the page's classes have it; what is no hue is grey. @param {Hue} hue @returns {Hue} */
export function hueNamed(hue) {
  return INKS.has(hue) ? hue : "grey";
}
