// A panel: its controls ask Python for a picture, and the picture takes the place of the one before.

import { ask, isReady, listeners, stop } from "./kernel.js";
import { prepare, show } from "./figure.js";
import { complain, controls, keep, original, read, settings, text, write } from "./values.js";

/** @typedef {import("./kernel.js").Answer} Answer */

const PATIENCE = 700; // ms without a word, while Python is busy: most answers come sooner

/** @param {HTMLFormElement} form @param {string} selector @returns {HTMLElement} */
const part = (form, selector) => /** @type {HTMLElement} */ (form.querySelector(selector));

/** Bring a panel to life, once. Python is not started by this. @param {HTMLFormElement} form */
export function attach(form) {
  const first = firstPicture(form);
  let busy = false;
  let changed = false; // while Python was busy
  let turn = 0; // counts runs and resets: an answer to an earlier one comes too late
  let patience = 0;

  /** @param {boolean} waits */
  function wait(waits) {
    clearTimeout(patience);
    if (waits) patience = setTimeout(() => isReady() && say(form, "Python is at work …"), PATIENCE);
    waitFor(form, waits);
  }

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
    const mine = ++turn;
    wait(true);
    prepare().catch(() => {}); // told when the picture is shown
    const answer = await ask({ panel: form.dataset.panel, values }, done => mine === turn && progress(form, done));
    if (mine !== turn) return;
    busy = false;
    wait(false);
    const again = changed && !answer.stopped;
    changed = false;
    await present(form, answer, () => mine === turn);
    if (again && mine === turn) run();
  }

  form.addEventListener("submit", event => {
    event.preventDefault();
    run();
  });
  form.addEventListener("input", event => {
    follow(/** @type {HTMLInputElement} */ (event.target));
    if (isReady() || busy) run();
    else if (settings(form)) {
      keep(form);
      say(form, "Run it to see what this changes.");
    }
  });
  form.addEventListener("reset", event => {
    event.preventDefault();
    turn += 1;
    if (busy) wait(false);
    busy = changed = false;
    for (const control of controls(form)) {
      write(control, original(control));
      complain(control, "");
    }
    keep(form);
    first();
    say(form, "");
  });
  addEventListener("popstate", () => keep(form)); // going back, too, leaves the address saying what the controls say
  part(form, ".nl-stop").addEventListener("click", () => stop());
  listeners.add(words => {
    if (busy) say(form, words && `${words} …`);
  });
}

/** Let a slider and its field of numbers say the same. @param {HTMLInputElement} control */
function follow(control) {
  const { twin } = control.dataset;
  if (twin) /** @type {HTMLInputElement} */ (document.getElementById(twin)).value = control.value;
  else if ("value" in read(control, text(control))) write(control, text(control));
}

/** @param {HTMLFormElement} form @param {boolean} waits */
function waitFor(form, waits) {
  const stopped = document.activeElement === part(form, ".nl-stop");
  form.setAttribute("aria-busy", String(waits));
  part(form, ".nl-stop").hidden = !waits;
  part(form, ".nl-progress").hidden = true;
  if (stopped) part(form, ".nl-run").focus(); // a button that goes would take the keyboard's place with it
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

/**
 * Show an answer: the picture and with what it was made, or what went wrong.
 * @param {HTMLFormElement} form @param {Answer} answer @param {() => boolean} wanted
 */
async function present(form, answer, wanted) {
  if (answer.error || !answer.picture) return say(form, answer.error ?? "Python did not answer with a picture.");
  try {
    if (!await show(figure(form), answer.picture, wanted)) return;
    say(form, `With ${answer.said}: ${answer.picture.sentence}`);
    form.dataset.runs = String(Number(form.dataset.runs ?? 0) + 1);
    part(form, ".nl-run").textContent = "Run again";
  } catch (error) {
    say(form, `The picture could not be drawn: ${error instanceof Error ? error.message : error}.`);
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
