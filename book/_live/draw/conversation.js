// Who sent what to whom, and when: a sequence diagram on a real clock. The twin of netlab/show/conversation.py.
//
// All that belongs to the n-th message, by order of time, is in groups with data-m="n": its way and its words. There
// is more than one such group, because words lie above every arrow. Stamps, notes and brackets, which may belong to
// several, are in groups with data-after="n": from that message on they are seen.

import { instant, spokenTime, tick } from "./clockwork.js";
import { beside, heightOf, lanesOf, remark, since, stampRoom } from "./lanes.js";
import { around, meets } from "./plan.js";
import { GREY, LEAD, LOST, PAPER, PHONE, SMALL, inkOf } from "./style.js";
import { NOTHING, Sheet, arrow, box, cross, diagram, el, label, patch, rule, sentence, small } from "./svg.js";
import { fits, textWidth } from "./words.js";

/** @import {Box, Bracket, Conversation, Message, Room} from "./types" */
/** @import {Heights, Moments} from "./clockwork.js" */
/** @import {Lane} from "./lanes.js" */

/** @typedef {{sheet: Sheet, drawing: Conversation, moments: Moments, lanes: Map<string, Lane>, width: number, numbers: number[]}} Scene `numbers`: of the messages, in the order of time */
/** @typedef {(n: number, z: number) => SVGElement} Group the group of a message on a layer */

/**
 * Plan who sent what to whom, down a real clock: arrows slant by their delay, a long silence is cut short.
 * @param {Conversation} given
 * @param {Room} room
 */
export function conversation(given, { width }) {
  const drawing = possible(given);
  if (!drawing.messages.length) return sentence(NOTHING, width);
  const sheet = new Sheet();
  const others = [...drawing.brackets.flatMap((b) => [b.start, b.stop]), ...drawing.notes.map((note) => note.time)];
  const numbers = orderOf(drawing.messages);
  const scene = { sheet, drawing, moments: tick(drawing.messages, others), lanes: lanesOf(drawing, width), width, numbers };
  const group = (/** @type {number} */ n, /** @type {number} */ z) => grouped(sheet, z, { "data-m": numbers[n] });
  const stamped = stamps(scene);
  const taken = remark(scene, stamped);
  const { heights, silences } = scene.moments;
  const lowest = Math.max(46, ...heights.map((h) => h.arrives), ...taken.map((words) => words.y + words.high - 8));
  for (const host of scene.lanes.keys()) drawLane(scene, host, lowest + 16);
  const xs = [...scene.lanes.values()].map((lane) => lane.x);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  for (const gap of silences) small(sheet, (left + right) / 2, (gap.top + gap.bottom) / 2, gap.words, { plain: true });
  drawing.messages.forEach((m, n) => {
    deliver(scene, m, heights[n], n, group);
    entitle(scene, m, heights[n], taken, group(n, 5));
  });
  const off = left - stampRoom(drawing) - 2;
  for (const b of drawing.brackets) bracket(scene, off, b);
  return diagram(sheet, lowest + 20);
}

/** Whether it is a time that a clock could show, in s. @param {unknown} value */
function isTime(value) {
  return typeof value === "number" && Math.abs(value) < 1e9;
}

/** Leave out what happens at no time, or nowhere. @param {Conversation} drawing @returns {Conversation} */
export function possible({ kind, messages, brackets, notes, capture }) {
  const sent = messages.filter((m) => isTime(m.time) && isTime(m.delay) && m.delay > 0 && m.src !== m.dst);
  const hosts = new Set(sent.flatMap((m) => [m.src, m.dst]));
  return {
    kind,
    messages: sent,
    brackets: brackets.filter((b) => isTime(b.start) && isTime(b.stop)),
    notes: notes.filter((note) => isTime(note.time) && hosts.has(note.host)),
    capture,
  };
}

/** Return each message's number in the order of time, from 0: the page steps through them by it. @param {Message[]} messages */
function orderOf(messages) {
  const numbers = messages.map(() => 0);
  [...messages.keys()].sort((a, b) => messages[a].time - messages[b].time || a - b).forEach((n, number) => (numbers[n] = number));
  return numbers;
}

/** Return a new group on a layer. @param {Sheet} sheet @param {number} z @param {Record<string, number>} mark */
function grouped(sheet, z, mark) {
  const made = el("g", mark);
  sheet.add(z, made);
  return made;
}

/** Draw a host's name and its line, dotted where time was cut. @param {Scene} scene @param {string} host @param {number} bottom */
function drawLane({ sheet, lanes, moments }, host, bottom) {
  const { x, hue } = /** @type {Lane} */ (lanes.get(host));
  const [ink, wide] = [inkOf(hue), textWidth(host, undefined, { bold: true }) + 22];
  sheet.add(1, rule([[x, 28], [x, bottom]], ink.line));
  for (const gap of moments.silences) {
    sheet.add(1.5, rule([[x, gap.top], [x, gap.bottom]], PAPER, 3), rule([[x, gap.top], [x, gap.bottom]], ink.line, 1.4, { "stroke-dasharray": "1.4,4.2" }));
  }
  sheet.add(2, box({ x: x - wide / 2, y: 2, wide, high: 26 }, ink));
  label(sheet, x, 15.5, host, { ink, anchor: "middle", bold: true });
}

/** A message's colour: its own, or else its sender's; a lost one is brown. @param {Scene} scene @param {Message} m */
function inkFor({ lanes }, m) {
  return m.lost ? LOST : inkOf(m.hue ?? lanes.get(m.src)?.hue);
}

/**
 * Draw one message's way. A lost one ends early, in a cross.
 * @param {Scene} scene
 * @param {Message} m
 * @param {Heights} h
 * @param {number} n
 * @param {Group} group
 */
function deliver(scene, m, h, n, group) {
  const [x0, x1] = [m.src, m.dst].map((host) => /** @type {Lane} */ (scene.lanes.get(host)).x);
  const [ink, side] = [inkFor(scene, m), x1 > x0 ? 1 : -1];
  if (m.lost) {
    const [x, y] = [x0 + (x1 - x0) * 0.72, h.leaves + (h.arrives - h.leaves) * 0.72];
    group(n, 3).append(rule([[x0, h.leaves], [x, y]], ink.line, 1.6));
    const end = group(n, 8);
    end.append(cross(x, y));
    small(scene.sheet, x + side * 9, y, "lost", { ink, anchor: side > 0 ? "start" : "end", into: end });
    return;
  }
  if (m.hue) group(n, 2.5).append(rule([[x0 + side * 2, h.leaves], [x1 - side * 6, h.arrives]], ink.tint, 9)); // seen in grey, too
  group(n, 3).append(arrow([x0 + side * 2, h.leaves], [x1 - side * 2, h.arrives], ink.line));
}

/**
 * Write a message's name and size on its line, off its middle, where no other name is yet.
 * @param {Scene} scene
 * @param {Message} m
 * @param {Heights} h
 * @param {Box[]} taken
 * @param {SVGElement} into
 */
function entitle(scene, m, h, taken, into) {
  const [x0, x1] = [m.src, m.dst].map((host) => /** @type {Lane} */ (scene.lanes.get(host)).x);
  const [ink, long] = [inkFor(scene, m), Math.abs(x1 - x0)];
  const text = fits(m.label, long * (m.lost ? 0.72 : 1) - 26, undefined, { bold: true });
  const size = m.size && scene.width >= PHONE ? `${m.size} B` : "";
  const wide = textWidth(text, undefined, { bold: true }) + (size ? textWidth(size, SMALL) + 7 : 0);
  const room = Math.min(0.5, (wide / 2 + 9) / long); // a fraction of the way, so that neither end is covered
  const shares = m.lost ? [0.36] : [0.46, 0.32, 0.6, 0.24, 0.7].map((share) => Math.min(Math.max(share, room), 1 - room));
  const spots = shares.map((at) => ({ x: x0 + (x1 - x0) * at - wide / 2, y: h.leaves + (h.arrives - h.leaves) * at - 9, wide, high: 18 }));
  const spot = spots.find((one) => !taken.some((other) => meets(around(one, 3), other))) ?? spots[0];
  taken.push(spot);
  if (text) into.append(patch(around(spot, 5, 0), PAPER));
  label(scene.sheet, spot.x, spot.y + 9, text, { ink, bold: true, into });
  small(scene.sheet, spot.x + wide, spot.y + 9, size, { anchor: "end", into });
}

/**
 * Write when messages leave, once per host and instant, beside the outer lanes. Return where that was.
 * @param {Scene} scene
 */
function stamps(scene) {
  const hosts = [...scene.lanes.keys()];
  /** @type {Set<string>} */
  const stamped = new Set();
  scene.drawing.messages.forEach((m, n) => {
    const place = `${instant(m.time)} ${m.src}`;
    if (stamped.has(place) || (m.src !== hosts[0] && m.src !== hosts[hosts.length - 1])) return;
    stamped.add(place);
    const { x, side } = /** @type {Lane} */ (scene.lanes.get(m.src));
    beside(scene.sheet, x, side, scene.moments.heights[n].leaves, spokenTime(m.time), { into: grouped(scene.sheet, 6, { "data-after": scene.numbers[n] }) });
  });
  return stamped;
}

/**
 * Draw a vertical bracket that opens to the right up to `x`, its text on its left; it is seen when its end is.
 * @param {Scene} scene
 * @param {number} x
 * @param {Bracket} given
 */
function bracket(scene, x, { start, stop, text }) {
  const [top, bottom, into] = [heightOf(scene, start), heightOf(scene, stop), grouped(scene.sheet, 2, { "data-after": since(scene, stop) })];
  into.append(rule([[x, top], [x - 5, top], [x - 5, bottom], [x, bottom]], GREY.line, 1.2, { "stroke-linejoin": "miter" }));
  const lines = text.split("\n");
  lines.forEach((line, n) => small(scene.sheet, x - 11, (top + bottom) / 2 + (n - (lines.length - 1) / 2) * LEAD, line, { anchor: "end", into }));
}
