// The hosts of a conversation: their lanes, and the notes beside these.

import { instant, spokenTime } from "./clockwork.js";
import { meets } from "./plan.js";
import { INK, LEAD, SMALL } from "./style.js";
import { el, small } from "./svg.js";
import { textWidth, widest, wrapped } from "./words.js";

/** @import {Box, Conversation, Hue, Look, Note} from "./types" */
/** @import {Scene} from "./conversation.js" */
/** @import {Sheet} from "./svg.js" */

/** @typedef {{x: number, hue: Hue, side: number}} Lane where it is, its colour, on which side words fit (−1: left) */

/**
 * Return each host's lane, in the order in which the hosts appear, as far apart as the words beside them allow.
 * @param {Conversation} drawing
 * @param {number} width
 * @returns {Map<string, Lane>}
 */
export function lanesOf(drawing, width) {
  const hosts = hostsOf(drawing);
  const room = [hosts[0], hosts[hosts.length - 1]].map((end) => {
    const notes = drawing.notes.filter((note) => note.host === end).flatMap((note) => said(note, width));
    return Math.max(stampRoom(drawing), textWidth(end ?? "", undefined, { bold: true }) / 2 + 13, notes.length ? widest(notes) + 12 : 0);
  });
  const named = drawing.brackets.flatMap((b) => b.text.split("\n"));
  const [left, right] = [room[0] + (named.length ? widest(named) + 16 : 0), width - room[1]];
  return new Map(hosts.map((host, n) => {
    return [host, { x: left + (n * (right - left)) / Math.max(1, hosts.length - 1), hue: hueOf(host, hosts), side: n ? 1 : -1 }];
  }));
}

/** Everybody who sends or is sent something, in the order in which they appear. @param {Conversation} drawing */
export function hostsOf({ messages }) {
  return [...new Set(messages.flatMap((m) => [m.src, m.dst]))];
}

/** A host's colour: the first one's is the client's, the last one's the server's. @param {string} host @param {string[]} hosts @returns {Hue} */
export function hueOf(host, hosts) {
  return host === hosts[0] ? "blue" : host === hosts[hosts.length - 1] ? "orange" : "grey";
}

/** How many px the widest time takes beside its lane. @param {Conversation} drawing */
export function stampRoom({ messages }) {
  return Math.max(0, ...messages.map((m) => textWidth(spokenTime(m.time), SMALL))) + 12;
}

/** A note in lines: a phone has no room for long ones beside a lane. @param {Note} note @param {number} width */
function said(note, width) {
  return wrapped(note.text, Math.max(72, width * 0.22), SMALL);
}

/**
 * Return the height of an instant: when its last message had arrived, or when its first one left.
 * @param {Scene} scene
 * @param {number} time
 */
export function heightOf({ drawing, moments }, time) {
  const arrived = drawing.messages.flatMap((m, n) => (!m.lost && instant(m.time + m.delay) === instant(time) ? [moments.heights[n].arrives] : []));
  return arrived.length ? Math.max(...arrived) : moments.at.get(instant(time)) ?? 46;
}

/**
 * Return the message from which on an instant is seen: the first one of the last burst until then.
 * @param {Scene} scene
 * @param {number} time
 */
export function since({ drawing, numbers }, time) {
  const times = drawing.messages.map((m) => instant(m.time));
  const before = times.filter((one) => one <= instant(time));
  const burst = before.length ? Math.max(...before) : Math.min(...times);
  return Math.min(...numbers.filter((_, n) => times[n] === burst));
}

/**
 * Write the notes beside their lanes, each below the stamp of its instant. Return where they are.
 * @param {Scene} scene
 * @param {Set<string>} stamped
 */
export function remark(scene, stamped) {
  /** @type {Box[]} */
  const taken = [];
  for (const note of [...scene.drawing.notes].sort((a, b) => a.time - b.time || (a.host < b.host ? -1 : 1))) {
    const lane = /** @type {Lane} */ (scene.lanes.get(note.host));
    const { side, busy } = freeSide(scene, note, lane);
    const into = el("g", { "data-after": since(scene, note.time) });
    scene.sheet.add(6, into);
    let y = heightOf(scene, note.time) + (busy || stamped.has(`${instant(note.time)} ${note.host}`) ? LEAD - 1 : 0);
    for (const line of said(note, scene.width)) {
      const wide = textWidth(line, SMALL);
      const spot = { x: side > 0 ? lane.x + 8 : lane.x - 8 - wide, y: y - 8, wide, high: LEAD };
      while (taken.some((other) => meets(spot, other))) [spot.y, y] = [spot.y + 1, y + 1];
      beside(scene.sheet, lane.x, side, y, line, { fill: INK, into });
      taken.push(spot);
      y += LEAD;
    }
  }
  return taken;
}

/**
 * Return the side of its lane that a note stands on, and whether an arrow ends there in the same instant.
 *
 * An arrow that arrives comes from above, and leaves room for a note below it; one that leaves does not.
 * @param {Scene} scene
 * @param {Note} note
 * @param {Lane} lane
 */
function freeSide({ drawing, lanes }, note, lane) {
  const busy = { left: 0, right: 0 };
  const near = (/** @type {number} */ side) => (side > 0 ? busy.right : busy.left);
  const ends = drawing.messages.flatMap((m) => [
    { time: m.time, here: m.src, there: m.dst, cost: 2 },
    { time: m.time + m.delay, here: m.dst, there: m.src, cost: 1 },
  ]);
  for (const { time, here, there, cost } of ends) {
    if (here !== note.host || instant(time) !== instant(note.time)) continue;
    const side = (lanes.get(there)?.x ?? 0) > lane.x ? "right" : "left";
    busy[side] = Math.max(busy[side], cost);
  }
  const hosts = [...lanes.keys()];
  const outer = note.host === hosts[0] || note.host === hosts[hosts.length - 1];
  const side = outer || near(lane.side) <= near(-lane.side) ? lane.side : -lane.side;
  return { side, busy: near(side) > 0 };
}

/**
 * Write a few words beside a lane, on one side of it.
 * @param {Sheet} sheet
 * @param {number} x
 * @param {number} side
 * @param {number} y
 * @param {string} text
 * @param {Look} look
 */
export function beside(sheet, x, side, y, text, look) {
  small(sheet, x + side * 8, y, text, { anchor: side > 0 ? "start" : "end", plain: true, ...look });
}
