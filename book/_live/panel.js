// A panel: its controls ask Python for a picture, and the picture takes the place of the one before.

import { ask, isReady, listeners, stop } from "./kernel.js";
import { show } from "./figure.js";
import { complain, controls, keep, original, read, settings, text, write } from "./values.js";

/** @typedef {import("./kernel.js").Answer} Answer */

/** @param {HTMLFormElement} form @param {string} selector @returns {HTMLElement} */
const part = (form, selector) => /** @type {HTMLElement} */ (form.querySelector(selector));

/** Bring a panel to life, once. Python is not started by this. @param {HTMLFormElement} form */
export function attach(form) {
  const first = firstPicture(form);
  let busy = false;
  let changed = false; // while Python was busy

  /** Ask for the picture of the present settings; what changes meanwhile is asked for next. */
  async function run() {
    const values = settings(form);
    if (!values) return;
    keep(form);
    if (busy) {
      changed = true;
      return;
    }
    busy = true;
    waitFor(form, true);
    const answer = await ask({ panel: form.dataset.panel, values }, done => progress(form, done));
    busy = false;
    waitFor(form, false);
    await present(form, answer);
    if (changed && !answer.stopped) {
      changed = false;
      run();
    }
    changed = false;
  }

  form.addEventListener("submit", event => {
    event.preventDefault();
    run();
  });
  form.addEventListener("input", event => {
    follow(/** @type {HTMLInputElement} */ (event.target));
    if (isReady()) run();
    else if (settings(form)) {
      keep(form);
      say(form, "Run it to see what this changes.");
    }
  });
  form.addEventListener("reset", event => {
    event.preventDefault();
    for (const control of controls(form)) {
      write(control, original(control));
      complain(control, "");
    }
    keep(form);
    first();
    say(form, "");
  });
  part(form, ".nl-stop").addEventListener("click", () => stop());
  listeners.add(words => {
    if (busy) say(form, words && `${words} …`);
  });
}

/** Let a slider and its field of numbers say the same. @param {HTMLInputElement} control */
function follow(control) {
  const twin = control.dataset.twin;
  if (twin) /** @type {HTMLInputElement} */ (document.getElementById(twin)).value = control.value;
  else if ("value" in read(control, text(control))) write(control, text(control));
}

/** @param {HTMLFormElement} form @param {boolean} waits */
function waitFor(form, waits) {
  form.setAttribute("aria-busy", String(waits));
  part(form, ".nl-stop").hidden = !waits;
  part(form, ".nl-progress").hidden = true;
  if (waits && isReady()) part(form, ".nl-says").dataset.waits = "";
  else delete part(form, ".nl-says").dataset.waits;
}

/** @param {HTMLFormElement} form @param {number} done */
function progress(form, done) {
  const bar = /** @type {HTMLProgressElement} */ (part(form, ".nl-progress"));
  bar.hidden = false;
  bar.value = done;
}

/** @param {HTMLFormElement} form @param {string} words */
function say(form, words) {
  part(form, ".nl-says").textContent = words;
}

/** Show an answer: the picture and with what it was made, or what went wrong. @param {HTMLFormElement} form @param {Answer} answer */
async function present(form, answer) {
  if (answer.error || !answer.picture) return say(form, answer.error ?? "Python did not answer with a picture.");
  try {
    await show(figure(form), answer.picture);
    say(form, `With ${answer.said}: ${answer.picture.sentence}`);
    form.dataset.runs = String(Number(form.dataset.runs ?? 0) + 1);
    part(form, ".nl-run").textContent = "Run again";
  } catch (error) {
    say(form, `The picture could not be drawn: ${error instanceof Error ? error.message : error}`);
  }
}

/** @param {HTMLFormElement} form @returns {HTMLElement} */
function figure(form) {
  return /** @type {HTMLElement} */ (form.closest(".nl-live")?.querySelector("figure"));
}

/** Remember the picture that the page came with. @param {HTMLFormElement} form @returns {() => void} puts it back */
function firstPicture(form) {
  const kept = [...figure(form).childNodes].map(node => node.cloneNode(true));
  return () => figure(form).replaceChildren(...kept.map(node => node.cloneNode(true)));
}
