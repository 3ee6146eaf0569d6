// Citations of RFCs as links to what they name. The twin of `linked` in book/_ext/rfcs.py.

import { html } from "./html.js";

const EDITOR = "https://www.rfc-editor.org/rfc/rfc";
const SECTION = /§\s?(?:\d+(?:\.\d+)*|[A-Z](?![\p{L}\p{N}_])(?:\.\d+)*)/u;
const CITATION = new RegExp(
  String.raw`(?<![\p{L}\p{N}_])RFC(?:\s|#)+(?<rfc>\d+)(?<sections>(?:(?:\s|#|,|and|or|to)*${SECTION.source})*)`, "gu");

/**
 * Sections that are numbered rules within a section, by RFC: "6298 §2.1" has no heading, so the link leads to §2.
 * @type {Record<string, RegExp>}
 */
const NUMBERED = { 6298: /^[25]\.\d+$/ };

/**
 * Return `text` with its citations as links: an RFC's number with its first section, then each further one.
 * @param {string} text
 * @returns {(Element | string)[]}
 */
export function linked(text) {
  /** @type {(Element | string)[]} */
  const pieces = [];
  let at = 0;
  for (const found of text.matchAll(CITATION)) {
    const { rfc, sections } = /** @type {Record<string, string>} */ (found.groups);
    const [from, to] = [found.index, found.index + found[0].length];
    const places = [...sections.matchAll(new RegExp(SECTION, "gu"))].map((place) => {
      const start = to - sections.length + place.index;
      return { start, stop: start + place[0].length, section: place[0].replace(/[§\s]/g, "") };
    });
    const spots = places.length ? places : [{ start: from, stop: to, section: "" }];
    spots[0].start = from;
    for (const { start, stop, section } of spots) {
      const name = text.slice(start, stop).trim().replace(/\s+/g, "\u00a0"); // a citation is not broken at a line's end
      const link = html("a", { class: "reference external", href: address(rfc, section) }, name);
      pieces.push(text.slice(at, start), link);
      at = stop;
    }
  }
  return [...pieces, text.slice(at)].filter((piece) => piece !== "");
}

/** Where the text of a section is; of a numbered rule, where its section begins. @param {string} rfc @param {string} section */
function address(rfc, section) {
  const within = Object.hasOwn(NUMBERED, rfc) && NUMBERED[rfc].test(section);
  const place = within ? section.replace(/\.\d+$/, "") : section;
  if (!place) return `${EDITOR}${rfc}`;
  return `${EDITOR}${rfc}#${/^[A-Z]/.test(place) ? "appendix" : "section"}-${place}`;
}
