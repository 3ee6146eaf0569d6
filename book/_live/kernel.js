// Python in the page: one worker for the whole page, started by the first question and ended by the reader.

/** @typedef {Record<string, unknown>} Message */
/** @typedef {{error?: string, stopped?: boolean, text?: string, value?: string, said?: string, picture?: import("./draw/types.js").Picture, [more: string]: unknown}} Answer */
/** @typedef {{resolve: (answer: Answer) => void, progress?: (done: number) => void}} Waiting */

const here = new URL(".", import.meta.url);
const BROKEN = "Python broke down. It starts again with the next run.";

/** @type {Worker | undefined} */
let worker;
/** @type {Map<number, Waiting>} */
const waiting = new Map();
let serial = 0;
let ready = false;

/** Those who are told what Python is doing. @type {Set<(words: string) => void>} */
export const listeners = new Set();

/** @returns {boolean} whether Python has started, so that the next answer comes at once */
export function isReady() {
  return ready;
}

/**
 * Ask Python; it is started where it is not there yet. Never rejects: what goes wrong is the answer's `error`.
 * @param {Message} message @param {(done: number) => void} [progress] hears how far a long run is, from 0 to 1
 * @returns {Promise<Answer>}
 */
export function ask(message, progress) {
  worker ??= start();
  const id = ++serial;
  worker.postMessage({ ...message, id });
  return new Promise(resolve => waiting.set(id, { resolve, progress }));
}

/** End Python, whatever it is doing. All that wait are told; the next question starts it again. */
export function stop(words = "Stopped. Python starts again with the next run.") {
  worker?.terminate();
  worker = undefined;
  ready = false;
  tell("");
  for (const one of waiting.values()) one.resolve({ error: words, stopped: true });
  waiting.clear();
}

/** @returns {Worker} */
function start() {
  const made = new Worker(new URL("worker.js", here), { type: "module" });
  made.onmessage = ({ data }) => {
    if (made === worker) hear(data); // what one that was ended still had to say is nobody's answer
  };
  made.onerror = () => {
    if (made === worker) stop(ready ? BROKEN : "Python could not be started: its script did not arrive. Run it to try again.");
  };
  return made;
}

/** @param {{doing?: string, ready?: boolean, failed?: string, broken?: boolean, progress?: number, id?: number, answer?: Answer}} data */
function hear(data) {
  if (data.doing !== undefined) tell(data.doing);
  if (data.ready) {
    ready = true;
    document.dispatchEvent(new Event("netlab-ready"));
  }
  if (data.failed) stop(`Python could not be started: ${data.failed}. Run it to try again.`);
  const one = data.id === undefined ? undefined : waiting.get(data.id);
  if (one && data.progress !== undefined) one.progress?.(data.progress);
  if (one && data.answer && data.id !== undefined) {
    waiting.delete(data.id);
    one.resolve(data.answer);
  }
  if (data.broken) stop(BROKEN);
}

/** @param {string} words */
function tell(words) {
  for (const listener of listeners) listener(words);
}
