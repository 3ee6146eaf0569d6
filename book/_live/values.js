// A panel's settings: read from its controls, checked, written to them, kept in the page's address.
//
// Python checks them again. What is checked here is told beside the control, while it is being typed.

/** @typedef {boolean | number | string} Value */

const MOST = 100; // characters of a value in an address; a longer one is nobody's setting
const PAUSE = 400; // ms: a slider changes faster than a browser lets an address change (Safari: 100 times in 10 s)
/** Whose settings the address does not say yet. @type {Set<HTMLFormElement>} */
const unkept = new Set();
let pausing = false;

/** @param {HTMLFormElement} form @returns {(HTMLInputElement | HTMLSelectElement)[]} the controls, without their sliders */
export function controls(form) {
  return [.../** @type {NodeListOf<HTMLInputElement | HTMLSelectElement>} */ (form.querySelectorAll("[name]"))];
}

/**
 * What a control would be set to by `text`: a value, or a sentence that says what is possible.
 * @param {HTMLInputElement | HTMLSelectElement} control @param {string} text
 * @returns {{value: Value} | {wrong: string}}
 */
export function read(control, text) {
  const { kind = "", low = "", high = "", unit = "" } = control.dataset;
  const label = named(control);
  const quoted = text.length > 20 ? `${text.slice(0, 20)}…` : text;
  if (kind === "switch") {
    return text === "on" || text === "off" ? { value: text === "on" } : { wrong: `${label} is on or off, not “${quoted}”.` };
  }
  if (control instanceof HTMLSelectElement) {
    const options = [...control.options].map(option => option.value);
    if (options.includes(text)) return { value: kind === "text" ? text : Number(text) };
    return { wrong: `${label} is one of ${options.join(", ")}, not “${quoted}”.` };
  }
  const asked = `${label} is a ${kind === "int" ? "whole " : ""}number from ${low} to ${high}${unit && ` ${unit}`}`;
  const value = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : NaN;
  if (!(value >= Number(low) && value <= Number(high)) || (kind === "int" && !Number.isInteger(value))) {
    return { wrong: `${asked}, not “${quoted}”.` };
  }
  return { value };
}

/** @param {HTMLInputElement | HTMLSelectElement} control @returns {string} what it is set to, as text */
export function text(control) {
  if (control.dataset.kind === "switch") return /** @type {HTMLInputElement} */ (control).checked ? "on" : "off";
  return control.value;
}

/** @param {HTMLInputElement | HTMLSelectElement} control @returns {string} what it is set to at first, as text */
export function original(control) {
  if (control instanceof HTMLSelectElement) {
    return [...control.options].find(option => option.defaultSelected)?.value ?? control.options[0].value;
  }
  return control.dataset.kind === "switch" ? (control.defaultChecked ? "on" : "off") : control.defaultValue;
}

/** Set a control, and the slider beside it. @param {HTMLInputElement | HTMLSelectElement} control @param {string} text */
export function write(control, text) {
  if (control.dataset.kind === "switch") /** @type {HTMLInputElement} */ (control).checked = text === "on";
  else control.value = text;
  const slider = /** @type {HTMLInputElement | null} */ (document.querySelector(`[data-twin="${control.id}"]`));
  if (slider) slider.value = text;
}

/** Say beside a control what is wrong with it; nothing, if nothing is. @param {Element} control @param {string} sentence */
export function complain(control, sentence) {
  const place = document.getElementById(`${control.id}-wrong`);
  if (place) place.textContent = sentence;
  if (sentence) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
}

/** @param {HTMLFormElement} form @returns {Record<string, Value> | null} all settings, or null where one is none */
export function settings(form) {
  /** @type {Record<string, Value>} */
  const values = {};
  let right = true;
  for (const control of controls(form)) {
    const found = read(control, text(control));
    complain(control, "wrong" in found ? found.wrong : "");
    if ("value" in found) values[control.name] = found.value;
    else right = false;
  }
  return right ? values : null;
}

/** Keep the settings that are no defaults in the page's address: at once, but not too often. @param {HTMLFormElement} form */
export function keep(form) {
  unkept.add(form);
  if (pausing) return;
  for (const one of unkept) writeDown(one);
  unkept.clear();
  pausing = true;
  setTimeout(() => {
    pausing = false;
    for (const one of unkept) keep(one);
  }, PAUSE);
}

/** @param {HTMLFormElement} form */
function writeDown(form) {
  const address = new URL(location.href);
  for (const control of controls(form)) {
    const key = `${form.dataset.panel}.${control.name}`;
    if ("wrong" in read(control, text(control))) continue;
    if (text(control) === original(control)) address.searchParams.delete(key);
    else address.searchParams.set(key, text(control));
  }
  if (address.href !== location.href) history.replaceState(history.state, "", address);
}

/**
 * Set the controls to what the page's address says. What is no setting is told beside its control and not used.
 * @param {HTMLFormElement} form @returns {boolean} whether the address set anything
 */
export function recall(form) {
  const asked = new URLSearchParams(location.search);
  let any = false;
  for (const control of controls(form)) {
    const said = asked.get(`${form.dataset.panel}.${control.name}`);
    if (said === null) continue;
    const found = read(control, said.slice(0, MOST));
    if ("wrong" in found) complain(control, `The address of this page asks for something else: ${found.wrong}`);
    else {
      write(control, said);
      any = true;
    }
  }
  return any;
}

/** @param {HTMLInputElement | HTMLSelectElement} control @returns {string} */
function named(control) {
  return control.labels?.[0]?.textContent ?? control.name;
}
