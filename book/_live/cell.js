// Edit and run: a cell of the chapter becomes a field to write in, and Python in the page runs it.
//
// The cells above it run first, once, so that its names are there: as in a notebook. What a reader writes is kept in
// this browser alone, until it is reset.

import { ask, isReady, listeners, stop } from "./kernel.js";
import { show } from "./figure.js";

/** @typedef {{code: string, why: string, recordings: string[]}} Cell */
/** @typedef {import("./kernel.js").Answer} Answer */

const HOW = "Change it as you like. Run it with the button, or with Control and Enter.";

/** What ran already, and in which Python: a new one has forgotten it. */
const done = new Set();
/** What runs now: who needs the same cell waits for it, too. @type {Map<number, Promise<Answer>>} */
const running = new Map();
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
  const field = editor(written(number, cell.code));
  const output = document.createElement("div");
  output.className = "nl-output";
  let busy = false;
  let turn = 0; // counts runs and resets: an answer to an earlier one comes too late

  shown.replaceWith(field);
  if (kept) kept.before(output);
  else input.after(output);
  run.textContent = "Run";
  reset.hidden = false;
  says.textContent = isReady() ? HOW : `${HOW} The first run fetches Python: 6 MB, once.`;
  field.focus();

  /** @param {boolean} now */
  function wait(now) {
    busy = now;
    if (document.activeElement === halt) run.focus(); // a button that goes would take the keyboard's place with it
    halt.hidden = !now;
    bar.setAttribute("aria-busy", String(now));
  }

  async function go() {
    if (busy) return;
    const mine = ++turn;
    wait(true);
    store(number, cell.code, field.value);
    const code = field.value;
    let answer = await before(number, says, () => mine === turn);
    if (mine !== turn) return;
    if (!answer) {
      says.textContent = isReady() ? "Running …" : "Starting Python …";
      answer = await start(number, code, cell.recordings);
    }
    if (mine !== turn) return;
    wait(false);
    says.textContent = answer.stopped ? answer.error ?? "" : answer.error ? "There is an error: see below." : "Done.";
    if (!answer.stopped) {
      if (kept) kept.hidden = true;
      await print(output, answer).catch(error => (says.textContent = `The picture could not be drawn: ${error.message}.`));
    }
    bar.dataset.runs = String(Number(bar.dataset.runs ?? 0) + 1);
  }

  run.addEventListener("click", go);
  halt.addEventListener("click", () => stop());
  reset.addEventListener("click", () => {
    turn += 1;
    wait(false);
    field.value = cell.code;
    store(number, cell.code, cell.code);
    size(field);
    output.replaceChildren();
    if (kept) kept.hidden = false;
    done.delete(number);
    says.textContent = "As the book has it.";
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
 * Run every cell above that can run and has not.
 * @param {number} number @param {HTMLElement} says @param {() => boolean} wanted
 * @returns {Promise<Answer | undefined>} what went wrong in one of them
 */
async function before(number, says, wanted) {
  for (const [n, { code, why, recordings }] of cells().slice(0, number).entries()) {
    if (!wanted()) return;
    if (why || done.has(n)) continue;
    says.textContent = `${isReady() ? "Running" : "Starting Python, then"} the cells above …`;
    const mine = written(n, code);
    const answer = await (running.get(n) ?? start(n, mine, recordings));
    if (answer.stopped) return answer;
    if (answer.error) return { error: `A cell above${mine === code ? "" : ", which you changed,"} failed. ${answer.error}`, above: n };
  }
}

/** Run a cell, and remember that it ran. @param {number} n @param {string} code @param {string[]} recordings @returns {Promise<Answer>} */
function start(n, code, recordings) {
  const answer = ask({ cell: code, recordings }).then(said => {
    if (running.get(n) === answer) running.delete(n);
    if (!said.error) done.add(n);
    return said;
  });
  running.set(n, answer);
  return answer;
}

/** Lead the reader to a cell, opened. @param {unknown} number */
function visit(number) {
  const bar = /** @type {HTMLElement} */ (document.querySelector(`.nl-bar[data-cell="${number}"]`));
  for (let fold = bar.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null) fold.open = true;
  const field = bar.parentElement?.querySelector("textarea");
  if (field) field.focus();
  else bar.querySelector("button")?.click();
}

/** @param {string} code @returns {HTMLTextAreaElement} */
function editor(code) {
  const field = document.createElement("textarea");
  field.className = "nl-editor";
  field.value = code;
  field.spellcheck = false;
  field.autocapitalize = "off";
  field.setAttribute("aria-label", "The code of this cell. Control and Enter run it.");
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
    if (made.scrollHeight > made.clientHeight) made.tabIndex = 0; // to scroll it by keyboard
  }
  if (answer.above !== undefined) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Go to that cell";
    button.addEventListener("click", () => visit(answer.above));
    output.append(button);
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
    const [first, mine] = JSON.parse(localStorage.getItem(key(number)) ?? "[]");
    return first === code && typeof mine === "string" ? mine : code; // a new edition's cell is not the one that was changed
  } catch {
    return code; // a browser that keeps nothing
  }
}

/** @param {number} number @param {string} first the book's cell @param {string} mine the reader's */
function store(number, first, mine) {
  try {
    if (first === mine) localStorage.removeItem(key(number));
    else localStorage.setItem(key(number), JSON.stringify([first, mine]));
  } catch {
    // as above
  }
}
