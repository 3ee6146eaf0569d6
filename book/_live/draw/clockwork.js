// When things happen in a conversation, and at which height that is. The twin of netlab/show/clockwork.py.

import { general } from "./axes.js";

/** @import {Message} from "./types" */
/** @typedef {{leaves: number, arrives: number}} Heights where a message leaves and arrives */
/** @typedef {{top: number, bottom: number, words: string}} Silence a stretch that stands for more time than it shows */
/** @typedef {{heights: Heights[], silences: Silence[], at: Map<number, number>}} Moments */

const SLANT = 46; // px: how much the fastest message slants
const STEP = 22; // px from one message of a burst to the next
const SILENT = 96; // px: the longest stretch in which nothing happens
const TRAVELLING = 190; // px: the same, where messages travel

/**
 * Return where each message leaves and arrives, and where the `others`, instants of their own, are.
 *
 * Time runs down at one scale. Messages that one host sends in one instant leave and arrive `STEP` px apart, and so
 * do those whose instants are closer than that. What an arrival caused is drawn below it, and where nothing happens
 * for long, time is cut.
 * @param {Message[]} messages
 * @param {number[]} others
 * @returns {Moments}
 */
export function tick(messages, others) {
  const leaving = grouped(messages.map((m) => m.time));
  const arriving = grouped(messages.map((m) => m.time + m.delay));
  const instants = [...new Set([...leaving.keys(), ...arriving.keys(), ...others.map(instant)])].sort((a, b) => a - b);
  const scale = speed(messages.map((m) => m.delay));
  const rank = ranks(messages, leaving);
  const heights = messages.map(() => ({ leaves: 0, arrives: 0 }));
  /** @type {Silence[]} */
  const silences = [];
  /** @type {Map<number, number>} */
  const at = new Map();
  let [y, before, last] = [46, instants[0], instants[0]];
  for (const now of instants) {
    const travelling = messages.some((m) => !m.lost && instant(m.time) <= before && now <= instant(m.time + m.delay));
    let gap = (now - before) * scale;
    if (gap > (travelling ? TRAVELLING : SILENT)) {
      const seconds = instant(now - (travelling ? before : last));
      silences.push({ top: y + 10, bottom: y + 46, words: `${spokenTime(seconds)} ${travelling ? "on the way" : "of silence"}` });
      gap = travelling ? TRAVELLING / 2 : 58;
    } else if (gap > 0 && gap < STEP && (leaving.has(now) || arriving.has(now))) gap = STEP;
    y += gap;
    before = now;
    const [landed, left] = [arriving.get(now) ?? [], leaving.get(now) ?? []];
    for (const n of landed) heights[n].arrives = y + rank[n] * STEP;
    y += Math.max(0, ...landed.map((n) => rank[n])) * STEP;
    at.set(now, y);
    for (const n of left) heights[n].leaves = y + rank[n] * STEP;
    if (!landed.length || left.length || !landed.every((n) => messages[n].lost)) last = now; // a lost one's arrival is no event
  }
  return { heights, silences, at };
}

/**
 * Return px per second: the fastest message slants by `SLANT` px, or by less where the slowest is far slower.
 * @param {number[]} delays
 */
function speed(delays) {
  const [fastest, slowest] = [Math.min(...delays), Math.max(...delays)];
  return Math.max(SLANT / 3 / fastest, Math.min(SLANT / fastest, (2.4 * SLANT) / slowest));
}

/**
 * Return how many messages each one's host has sent before it in the same instant.
 * @param {Message[]} messages
 * @param {Map<number, number[]>} leaving
 */
function ranks(messages, leaving) {
  const ranks = messages.map(() => 0);
  for (const burst of leaving.values()) {
    for (const n of burst) ranks[n] = burst.filter((other) => other < n && messages[other].src === messages[n].src).length;
  }
  return ranks;
}

/** The instant of a time: sums of seconds that differ by less than a nanosecond are one. @param {number} time */
export function instant(time) {
  return Math.round(time * 1e9) / 1e9;
}

/** Which of them are in which instant. @param {number[]} times */
function grouped(times) {
  /** @type {Map<number, number[]>} */
  const found = new Map();
  times.forEach((time, n) => found.set(instant(time), [...(found.get(instant(time)) ?? []), n]));
  return found;
}

/** A time as people say it: 980 ms, 1.02 s, 12.5 µs. @param {number} seconds */
export function spokenTime(seconds) {
  if (Math.abs(seconds) > 0 && Math.abs(seconds) < 1e-3) return `${general(seconds * 1e6, 3)} µs`;
  return seconds < 1 ? `${general(seconds * 1e3, 4)} ms` : `${general(seconds, 4)} s`;
}
