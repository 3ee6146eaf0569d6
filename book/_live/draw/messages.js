// The messages of a conversation as a list below the picture, and the file that holds them. The twin of
// netlab/show/steps.py, and of `capture` in netlab/show/page.py. The page's step.js finds the view, builds the
// buttons, and shows one message after the other.

import { fixed } from "./axes.js";
import { spokenTime } from "./clockwork.js";
import { html } from "./html.js";
import { hostsOf, hueOf } from "./lanes.js";
import { bytesOf } from "./octets.js";
import { hueNamed } from "./style.js";
import { legible } from "./words.js";

/** @import {Conversation, Message} from "./types" */

const KEPT = 64; // bytes of a message, at most, that are shown

/**
 * Return the picture with its messages below it, folded, and a link to the capture where there is one.
 * @param {SVGElement} svg
 * @param {Conversation} drawing
 * @param {string} title of the picture: the capture is named by it
 */
export function withMessages(svg, drawing, title) {
  const view = html("div", { class: "nl-seq" }, svg, messages(drawing));
  if (drawing.capture) view.append(saved(drawing.capture, title));
  return view;
}

/** The messages in the order of time: when, who to whom, what, and the first bytes. @param {Conversation} drawing */
function messages(drawing) {
  const hosts = hostsOf(drawing);
  const sorted = [...drawing.messages].sort((a, b) => a.time - b.time); // those of one instant keep their order
  const rows = sorted.map((m, n) => {
    const hue = m.lost ? "brown" : hueNamed(m.hue ?? hueOf(m.src, hosts));
    const says = legible(said(m, hosts.length === 2));
    return html("li", { "data-m": `${n}`, class: `nl-${hue}`, "data-says": says }, ...cells(m));
  });
  const count = rows.length === 1 ? "The one message" : `All ${rows.length} messages`;
  return html("details", {}, html("summary", {}, count), html("ol", {}, ...rows));
}

/** A message in words; between a `pair` of hosts it goes without saying to whom. @param {Message} m @param {boolean} pair */
function said(m, pair) {
  const [to, lost] = [pair ? "" : ` to ${m.dst}`, m.lost ? ", lost on the way" : ""];
  return `${m.src} sends ${m.label}${to} at ${spokenTime(m.time)}${m.size ? `, ${weight(m.size)}` : ""}${lost}`;
}

/** A number of bytes in words. @param {number} size */
function weight(size) {
  return `${size.toLocaleString("en-US")} byte${size === 1 ? "" : "s"}`;
}

/** What stands in one message's row; an ellipsis says that it has more bytes than are known. @param {Message} m */
function cells(m) {
  const parts = [["at", spokenTime(m.time)], ["way", `${m.src} → ${m.dst}`], ["name", m.label], ["size", m.size ? weight(m.size) : ""]];
  const spans = parts.flatMap(([name, text]) => (text ? [html("span", { class: name }, legible(text))] : []));
  const known = bytesOf(m.data ?? "").slice(0, KEPT);
  if (!known.length) return spans;
  const octets = known.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return [...spans, html("code", {}, octets + (known.length < m.size ? " …" : ""))];
}

/**
 * Return the link that saves the conversation as a file for Wireshark.
 * @param {string} capture in hex
 * @param {string} title
 */
function saved(capture, title) {
  const octets = btoa(bytesOf(capture).map((byte) => String.fromCharCode(byte)).join(""));
  const href = `data:application/vnd.tcpdump.pcap;base64,${octets}`;
  const link = html("a", { download: `${fileName(title)}.pcap`, href }, "Save as a capture");
  return html("p", { class: "nl-pcap" }, link, `, for Wireshark or tcpdump: ${fixed((octets.length * 3) / 4000, 1)} kB`);
}

/** A title as a file's name: its letters and digits, in lower case. @param {string} title */
function fileName(title) {
  return title.toLowerCase().replace(/[^\p{L}\p{N}_]+/gu, "-").replace(/^-+|-+$/g, "") || "picture";
}
