// Explain my bytes: what a reader pastes or drops goes to Python in the page, and to nobody else.

import { ask, isReady, listeners, stop } from "./kernel.js";
import { show } from "./figure.js";

/** @typedef {{name: string, title: string, why: string}} Guess */
/** @typedef {import("./kernel.js").Answer & {message?: string, protocol?: string, guesses?: Guess[], packets?: Line[] | null, notes?: string[], chapter?: string}} Explained */
/** @typedef {{n: number, seconds: number, length: number, summary: string}} Line one packet of a capture */
/** @typedef {{explain: string, binary: boolean, cut: string}} Brought */

const LARGEST = 16 << 20; // bytes of a file that are looked at: Python in a page holds them several times

/** @param {HTMLFormElement} form */
export function attach(form) {
  /** @param {string} selector @returns {any} */
  const part = selector => form.querySelector(selector);
  /** @type {HTMLTextAreaElement} */
  const field = part("textarea");
  /** @type {HTMLElement} */
  const says = part(".nl-says");
  const halt = part(".nl-stop");
  const output = makeOutput(form);
  /** @type {Brought | undefined} a file takes the place of what is written, until something is written */
  let file;
  let packet = 1;
  let serial = 0;
  const { placeholder } = field;
  says.textContent = "The first time fetches Python: 6 MB, once.";

  async function run() {
    if (!file && !field.value.trim()) return void (says.textContent = "There are no bytes yet: paste some, or drop a file.");
    const mine = ++serial;
    const asked = file ?? { explain: field.value, binary: false, cut: "" };
    halt.hidden = false;
    says.textContent = isReady() ? "Reading …" : "Starting Python …";
    const { explain, binary } = asked;
    const answer = /** @type {Explained} */ (await ask({ explain, binary, protocol: part("select").value, packet }));
    if (mine !== serial) return;
    if (document.activeElement === halt) part("button[type=submit]").focus();
    halt.hidden = true;
    says.textContent = [asked.cut, answer.error ?? answer.message, ...answer.notes ?? []].filter(Boolean).join(" ");
    list(output.packets, answer.packets ?? [], packet, chosen => {
      packet = chosen;
      run();
    });
    others(output.others, answer, name => {
      part("select").value = name;
      part("select").focus(); // these buttons give way to others
      run();
    });
    output.figure.hidden = !answer.picture;
    if (answer.picture) {
      await show(output.figure, answer.picture, () => mine === serial).catch(error => {
        says.textContent = `The picture could not be drawn: ${error.message}.`;
      });
    }
    form.dataset.runs = String(Number(form.dataset.runs ?? 0) + 1);
  }

  /** @param {File} given */
  async function take(given) {
    const mine = ++serial;
    const cut = given.size > LARGEST ? `Of ${given.name}, ${megabytes(given.size)}, the first ${megabytes(LARGEST)} are read.` : "";
    const explain = await base64(given.slice(0, LARGEST)).catch(() => undefined);
    if (mine !== serial) return;
    if (explain === undefined) {
      halt.hidden = true;
      return void (says.textContent = `${given.name} cannot be read. Is it a folder, or gone?`);
    }
    file = { explain, binary: true, cut };
    packet = 1;
    field.value = "";
    field.placeholder = `${given.name}, ${given.size.toLocaleString("en")} bytes`;
    run();
  }

  function forget() {
    file = undefined;
    packet = 1;
    part("input[type=file]").value = "";
    field.placeholder = placeholder;
  }

  field.addEventListener("input", forget);
  form.addEventListener("submit", event => {
    event.preventDefault();
    run();
  });
  halt.addEventListener("click", () => stop());
  listeners.add(words => {
    if (!halt.hidden && words) says.textContent = `${words} …`;
  });
  part("input[type=file]").addEventListener("change", (/** @type {Event} */ event) => {
    const chosen = /** @type {HTMLInputElement} */ (event.target).files?.[0];
    if (chosen) take(chosen);
  });
  for (const button of form.querySelectorAll("[data-sample]")) {
    button.addEventListener("click", () => {
      forget();
      field.value = /** @type {HTMLElement} */ (button).dataset.sample ?? "";
      part("select").value = "";
      run();
    });
  }
  for (const kind of ["dragover", "dragleave", "drop"]) {
    form.addEventListener(kind, event => {
      event.preventDefault();
      form.classList.toggle("over", kind === "dragover");
      const dropped = kind === "drop" && /** @type {DragEvent} */ (event).dataTransfer?.files[0];
      if (dropped) take(dropped);
    });
  }
}

/** @param {HTMLFormElement} form @returns {{packets: HTMLElement, others: HTMLElement, figure: HTMLElement}} */
function makeOutput(form) {
  const packets = document.createElement("div");
  const others = document.createElement("p");
  const figure = document.createElement("figure");
  packets.className = "nl-packets";
  others.className = "nl-others";
  figure.className = "nl-fig";
  packets.hidden = figure.hidden = true;
  form.after(packets, others, figure);
  return { packets, others, figure };
}

/** Show a capture's packets, a line each. @param {HTMLElement} place @param {Line[]} lines @param {number} now @param {(n: number) => void} choose */
function list(place, lines, now, choose) {
  place.hidden = lines.length < 2;
  const top = place.scrollTop;
  const within = place.contains(document.activeElement);
  const made = document.createElement("ol");
  made.append(...lines.map(({ n, seconds, summary }) => {
    const row = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `${n}  ${seconds.toFixed(6)} s  ${summary}`;
    if (n === now) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => choose(n));
    row.append(button);
    return row;
  }));
  place.replaceChildren(made);
  place.scrollTop = top;
  if (within) /** @type {HTMLElement | null} */ (made.querySelector("[aria-current]"))?.focus({ preventScroll: true });
}

/** Say what else these bytes may be. @param {HTMLElement} place @param {Explained} answer @param {(name: string) => void} choose */
function others(place, answer, choose) {
  const left = (answer.guesses ?? []).filter(guess => guess.name !== answer.protocol).slice(0, 4);
  place.replaceChildren();
  if (!left.length) return;
  place.append("It may also be: ");
  for (const [n, guess] of left.entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = guess.title;
    button.title = guess.why;
    button.addEventListener("click", () => choose(guess.name));
    place.append(n ? ", " : "", button);
  }
}

/** @param {Blob} blob @returns {Promise<string>} */
function base64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",", 2)[1] ?? "");
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

/** @param {number} size @returns {string} */
function megabytes(size) {
  return `${Math.round(size / (1 << 20)).toLocaleString("en")} MB`;
}
