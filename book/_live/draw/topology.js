// Hosts, links and addresses. The twin of netlab/show/topology.py.

import { FAINT, INK, MUTED, PHONE, SMALL, WASH, inkOf } from "./style.js";
import { Sheet, box, diagram, label, mono, rule, small } from "./svg.js";
import { textWidth } from "./words.js";

/** @import {Host, Link, Pair, Room, Topology} from "./types" */
/** @typedef {{x: number, y: number, half: number}} Place a host's centre and half its width */
/** @typedef {Map<string, Place>} Places */

const ROW = 120; // px from one row of hosts to the next

/**
 * Plan hosts on a grid, the links between them and what is written on each; turned by 90° on a phone.
 * @param {Topology} drawing
 * @param {Room} room
 */
export function topology(drawing, { width }) {
  const sheet = new Sheet();
  const at = drawing.hosts.map((host) => /** @type {Pair} */ (width < PHONE ? [host.at[1], host.at[0]] : host.at));
  const columns = Math.max(...at.map(([column]) => column)) + 1;
  /** @type {Places} */
  const places = new Map(drawing.hosts.map(({ name }, n) => [
    name,
    { x: ((at[n][0] + 0.5) * width) / columns, y: (at[n][1] + 0.5) * ROW, half: Math.max(52, textWidth(name, undefined, { bold: true }) + 22) / 2 },
  ]));
  const edges = [...places.values()].flatMap((place) => [place.y - 20, place.y + 20]); // how high and low it all goes
  const links = drawing.links.filter((link) => places.has(link.a) && places.has(link.b));
  for (const link of links) edges.push(...wire(sheet, link, find(places, link.a), find(places, link.b)));
  for (const host of drawing.hosts) edges.push(...station(sheet, host, places, links));
  for (const [name, inside] of Object.entries(drawing.zones ?? {})) {
    const here = inside.filter((host) => places.has(host)).map((host) => find(places, host));
    if (here.length) edges.push(...zone(sheet, name, here, tagRoom(links, inside, places), width));
  }
  return diagram(sheet, Math.max(...edges) + 4, Math.min(...edges) - 4);
}

/** @param {Places} places @param {string} name */
function find(places, name) {
  return /** @type {Place} */ (places.get(name));
}

/**
 * Draw a host, and what it says under it, or beside it where a link goes down. Return the heights it needs.
 * @param {Sheet} sheet
 * @param {Host} host
 * @param {Places} places
 * @param {Link[]} links
 */
function station(sheet, host, places, links) {
  const [at, ink, round] = [find(places, host.name), inkOf(host.hue), host.kind === "router"];
  const frame = { x: at.x - at.half, y: at.y - 17, wide: 2 * at.half, high: 34 };
  sheet.add(3, box(frame, ink, { radius: round ? 17 : 4, width: round ? 1.6 : 1.2 }));
  const fill = host.hue === "grey" ? INK : ink.text;
  label(sheet, at.x, at.y + 0.5, host.name, { anchor: "middle", bold: true, fill });
  const others = links.filter(({ a, b }) => a === host.name || b === host.name).map(({ a, b }) => find(places, a === host.name ? b : a));
  if (others.some((other) => other.y - at.y > Math.abs(other.x - at.x))) {
    small(sheet, at.x + at.half + 8, at.y, host.says, { anchor: "start", plain: true });
  } else {
    small(sheet, at.x, at.y + 29, host.says, { plain: true });
  }
  return host.says ? [at.y + 38] : [];
}

/**
 * Return how many px the addresses at the right of a zone's hosts need.
 * @param {Link[]} links
 * @param {string[]} inside
 * @param {Places} places
 */
function tagRoom(links, inside, places) {
  const tags = [0];
  for (const link of links) {
    for (const [here, there, text] of [[link.a, link.b, link.ends[0]], [link.b, link.a, link.ends[1]]]) {
      const [a, b] = [find(places, here), find(places, there)];
      const right = b.x - a.x > Math.abs(b.y - a.y);
      if (text && right && inside.includes(here) && !inside.includes(there)) tags.push(textWidth(text, SMALL, { mono: true }) + 19);
    }
  }
  return Math.max(...tags);
}

/**
 * Shade the area round some hosts and name it in its corner. Return the heights it needs.
 * @param {Sheet} sheet
 * @param {string} name
 * @param {Place[]} places
 * @param {number} tags
 * @param {number} width
 */
function zone(sheet, name, places, tags, width) {
  const west = Math.max(1, Math.min(...places.map((p) => p.x - p.half)) - 26);
  const north = Math.min(...places.map((p) => p.y)) - 48;
  const south = Math.max(...places.map((p) => p.y)) + 42;
  const needed = Math.max(Math.max(...places.map((p) => p.x + p.half)) + Math.max(26, tags), west + textWidth(name, SMALL) + 24);
  const east = Math.min(needed, width - 1);
  sheet.add(0, box({ x: west, y: north, wide: east - west, high: south - north }, undefined, { radius: 10, fill: WASH, stroke: FAINT }));
  small(sheet, west + 12, north + 15, name, { anchor: "start" });
  return [north, south];
}

/**
 * Draw a link, what it says above its middle (or on it, if it is upright), and the addresses at its ends.
 *
 * Return the heights that its words need.
 * @param {Sheet} sheet
 * @param {Link} link
 * @param {Place} a
 * @param {Place} b
 */
function wire(sheet, link, a, b) {
  const [upright, ink, lines] = [Math.abs(b.x - a.x) < Math.abs(b.y - a.y), inkOf(link.hue), link.says.split("\n")];
  sheet.add(1, rule([[a.x, a.y], [b.x, b.y]], ink.line, 2));
  const heights = lines.map((line, n) => {
    const up = upright ? (lines.length / 2 - 0.5 - n) * 15 : (lines.length - n) * 15 - 3;
    small(sheet, (a.x + b.x) / 2, (a.y + b.y) / 2 - up, line, { ink, plain: true });
    return (a.y + b.y) / 2 - up - 10;
  });
  const room = Math.abs(b.x - a.x) - a.half - b.half - 24;
  const tight = room < link.ends.reduce((sum, end) => sum + textWidth(end, SMALL, { mono: true }), 0);
  return [...heights, address(sheet, a, b, link.ends[0], 13), address(sheet, b, a, link.ends[1], tight ? 28 : 13)];
}

/**
 * Write an interface's address beside its link, on the side that it leans away from. Return its lower edge.
 * @param {Sheet} sheet
 * @param {Place} here
 * @param {Place} there
 * @param {string} text
 * @param {number} off
 */
function address(sheet, here, there, text, off) {
  const [dx, dy] = [there.x - here.x, there.y - here.y];
  if (!text) return here.y;
  if (Math.abs(dx) < Math.abs(dy)) {
    const y = here.y + (dy > 0 ? 31 : -31);
    mono(sheet, here.x + 8 + (dx / Math.abs(dy)) * 31, y, text, { anchor: "start", fill: MUTED });
    return y + 9;
  }
  const along = (here.half + 9) * (dx > 0 ? 1 : -1);
  const y = here.y + (dy / (dx || 1)) * along + (dy > 4 ? -off : off);
  mono(sheet, here.x + along, y, text, { anchor: dx > 0 ? "start" : "end", fill: MUTED });
  return y + 9;
}
