// A picture of Python's in a figure of the page: its words, its drawing at the width that there is, its caption.

import { draw, ready } from "./draw/index.js";

/** @typedef {import("./draw/types.js").Picture} Picture */

const NARROW = 540; // px: where the style sheet changes to a phone's drawing
const WIDTHS = { wide: 680, narrow: 344 };
/** @type {Promise<any> | undefined} */
let library;
/** @type {WeakMap<Element, Picture>} */
const shown = new WeakMap();

/**
 * Show `picture` in `figure`, in place of what was there.
 * @param {HTMLElement} figure @param {Picture} picture @param {() => boolean} [wanted] asked when all is at hand to draw it
 * @returns {Promise<boolean>} whether it was still wanted
 */
export async function show(figure, picture, wanted = () => true) {
  const { Plot, d3 } = await prepare();
  if (!wanted()) return false;
  const drawing = place(figure);
  const width = figure.clientWidth > NARROW ? WIDTHS.wide : WIDTHS.narrow;
  drawing.replaceChildren(draw(picture, { width, Plot, d3 }));
  drawing.dataset.width = String(width);
  words(figure, "p", "nl-title", picture.title, drawing);
  words(figure, "p", "nl-note", [picture.note, picture.badge].filter(Boolean).join(" · "), drawing);
  caption(figure, picture.caption);
  if (!shown.has(figure)) new ResizeObserver(() => again(figure)).observe(figure);
  shown.set(figure, picture);
  return true;
}

/** Fetch what draws, while Python starts. @returns {Promise<any>} */
export function prepare() {
  return (library ??= plotting().catch(error => {
    library = undefined; // the next picture tries again
    throw error;
  }));
}

/** Draw once more where there is now room for another layout. @param {HTMLElement} figure */
function again(figure) {
  const picture = shown.get(figure);
  const width = figure.clientWidth > NARROW ? WIDTHS.wide : WIDTHS.narrow;
  const drawn = /** @type {HTMLElement | null} */ (figure.querySelector(".nl-drawing"))?.dataset.width;
  if (picture && drawn && drawn !== String(width)) show(figure, picture);
}

/** @param {HTMLElement} figure @returns {HTMLElement} */
function place(figure) {
  const found = /** @type {HTMLElement | null} */ (figure.querySelector(".nl-drawing"));
  if (found) return found;
  const made = document.createElement("div");
  made.className = "nl-drawing";
  figure.append(made);
  return made;
}

/** @param {HTMLElement} figure @param {string} tag @param {string} name @param {string} text @param {Element} before */
function words(figure, tag, name, text, before) {
  let place = figure.querySelector(`.${name}`);
  if (!text) return place?.remove();
  if (!place) {
    place = document.createElement(tag);
    place.className = name;
    figure.insertBefore(place, before);
  }
  place.textContent = text;
}

/** @param {HTMLElement} figure @param {string} text */
function caption(figure, text) {
  let place = figure.querySelector("figcaption");
  if (!place) {
    place = document.createElement("figcaption");
    figure.append(place);
  }
  place.replaceChildren(...marked(text));
}

/** Turn the few marks of a caption into elements: *stressed*, **strong**, `code`. @param {string} text @returns {Node[]} */
export function marked(text) {
  return text.split(/(\*\*[^*]+\*\*|\*[^*]+\*|`[^`]+`)/).filter(Boolean).map(piece => {
    const tag = /^\*\*.+\*\*$/.test(piece) ? "strong" : /^\*.+\*$/.test(piece) ? "em" : /^`.+`$/.test(piece) ? "code" : "";
    if (!tag) return document.createTextNode(piece);
    const made = document.createElement(tag);
    made.textContent = piece.replace(/^[*`]+|[*`]+$/g, "");
    return made;
  });
}

/** Fetch what draws charts: 160 kB, and only now. @returns {Promise<any>} */
async function plotting() {
  await ready();
  await script("d3.min.js");
  await script("plot.umd.min.js");
  return globalThis;
}

/** @param {string} name @returns {Promise<void>} */
function script(name) {
  return new Promise((resolve, reject) => {
    const made = document.createElement("script");
    made.src = new URL(name, import.meta.url).href;
    made.onload = () => resolve();
    made.onerror = () => reject(new Error(`${name} did not arrive. Run it to try again`));
    document.head.append(made);
  });
}
