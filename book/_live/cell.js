// Edit and run: a cell of the chapter becomes a field to write in, and Python in the page runs it.
//
// The cells above it run first, once, so that its names are there: as in a notebook. What a reader writes is kept in
// this browser alone, until it is reset.

import { ask, isReady, listeners, stop } from "./kernel.js";
import { show } from "./figure.js";

/** @typedef {{code: string, why: string, recordings: string[]}} Cell */
/** @typedef {import("./kernel.js").Answer} Answer */

/** What ran already, and in which Python: a new one has forgotten it. */
const done = new Set();
listeners.add(() => {
  if (!isReady()) done.clear();
});

/** @returns {Cell[]} all of the page's cells, in their order */
function cells() {
  return JSON.parse(document.getElementById("nl-cells")?.textContent ?? "[]");
}

/** @param {HTMLElement} bar the line under a cell, with its buttons */
export function attach(bar) {
  const number = Number(bar.dataset.cell);
  const cell = cells()[number];
  const input = /** @type {HTMLElement} */ (bar.closest(".cell_input") ?? bar.parentElement);
  const shown = /** @type {HTMLElement} */ (input.querySelector("[class*=highlight-], .highlight"));
  const [run, reset, halt] = bar.querySelectorAll("button");
  const says = /** @type {HTMLElement} */ (bar.querySelector(".nl-says"));
  const kept = /** @type {HTMLElement | null} */ (bar.closest(".cell")?.querySelector(".cell_output"));
  const field = editor(number, written(number, cell.code));
  const output = document.createElement("div");
  output.className = "nl-output";
  let busy = false;

  shown.replaceWith(field);
  if (kept) kept.before(output);
  else input.after(output);
  run.textContent = "Run";
  reset.hidden = false;
  field.focus();

  async function go() {
    if (busy) return;
    busy = true;
    store(number, field.value === cell.code ? null : field.value);
    halt.hidden = false;
    bar.setAttribute("aria-busy", "true");
    says.textContent = isReady() ? "Running …" : "Starting Python …";
    const answer = await before(number, says) ?? await ask({ cell: field.value, recordings: cell.recordings });
    busy = false;
    halt.hidden = true;
    bar.setAttribute("aria-busy", "false");
    says.textContent = answer.error ? "" : "Done.";
    if (!answer.error) done.add(number);
    if (kept) kept.hidden = true;
    await print(output, answer);
    bar.dataset.runs = String(Number(bar.dataset.runs ?? 0) + 1);
  }

  run.addEventListener("click", go);
  halt.addEventListener("click", () => stop());
  reset.addEventListener("click", () => {
    field.value = cell.code;
    store(number, null);
    size(field);
    output.replaceChildren();
    if (kept) kept.hidden = false;
    done.delete(number);
    says.textContent = "As it was.";
  });
  field.addEventListener("keydown", event => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey || event.shiftKey)) {
      event.preventDefault();
      go();
    }
  });
  listeners.add(words => {
    if (busy && words) says.textContent = `${words} …`;
  });
}

/**
 * Run every cell above that can run and has not. @param {number} number @param {HTMLElement} says
 * @returns {Promise<Answer | undefined>} what went wrong in one of them
 */
async function before(number, says) {
  for (const [n, { code, why, recordings }] of cells().slice(0, number).entries()) {
    if (why || done.has(n)) continue;
    says.textContent = `${isReady() ? "Running" : "Starting Python, then"} the cells above …`;
    const mine = written(n, code);
    const answer = await ask({ cell: mine, recordings });
    if (answer.stopped) return answer;
    if (answer.error) return { error: `Cell ${n + 1}, above${mine === code ? "" : " and changed by you"}, failed: ${answer.error}` };
    done.add(n);
  }
}

/** @param {number} number @param {string} code @returns {HTMLTextAreaElement} */
function editor(number, code) {
  const field = document.createElement("textarea");
  field.className = "nl-editor";
  field.value = code;
  field.spellcheck = false;
  field.autocapitalize = "off";
  field.setAttribute("aria-label", `The code of cell ${number + 1}. Control and Enter runs it.`);
  field.addEventListener("input", () => size(field));
  size(field);
  return field;
}

/** @param {HTMLTextAreaElement} field */
function size(field) {
  field.rows = field.value.split("\n").length;
}

/** Show what a cell said. @param {HTMLElement} output @param {Answer} answer */
async function print(output, answer) {
  output.replaceChildren();
  for (const [words, name] of [[answer.text, ""], [answer.value, ""], [answer.error, "nl-error"]]) {
    if (!words) continue;
    const made = document.createElement("pre");
    made.className = name ?? "";
    made.textContent = words;
    output.append(made);
  }
  if (answer.picture) {
    const figure = document.createElement("figure");
    figure.className = "nl-fig";
    output.append(figure);
    await show(figure, answer.picture);
  }
  output.dataset.done = "yes";
}

/** @param {number} number @returns {string} where this browser keeps what a reader made of a cell */
const key = number => `netlab ${location.pathname} ${number}`;

/** @param {number} number @param {string} code @returns {string} the cell as the reader left it */
function written(number, code) {
  try {
    return localStorage.getItem(key(number)) ?? code;
  } catch {
    return code; // a browser that keeps nothing
  }
}

/** @param {number} number @param {string | null} code */
function store(number, code) {
  try {
    if (code === null) localStorage.removeItem(key(number));
    else localStorage.setItem(key(number), code);
  } catch {
    // as above
  }
}
