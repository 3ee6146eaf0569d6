// Axes: their limits, their ticks, and what is written at them. The twin of netlab/show/axes.py.

import { BODY } from "./style.js";
import { legible, textWidth } from "./words.js";

/** @import {Axis, Pair} from "./types" */

/**
 * Return where `axis` begins and ends: where it says, or as far as `values` go and a `pad` more.
 *
 * Values that come near to zero bring zero with them: a curve is read by its height over the axis. Without any
 * value the axis goes from 0 to 1, or over one decade.
 * @param {Axis} axis
 * @param {number[]} values
 * @param {number} [pad]
 * @returns {Pair}
 */
export function limits(axis, values, pad = 0.05) {
  const seen = values.filter((value) => hasPlace(value, axis));
  let low = seen.reduce((a, b) => Math.min(a, b), Infinity);
  let high = seen.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!seen.length) [low, high] = axis.log ? [1, 10] : [0, 1];
  else if (axis.log) {
    const by = Math.max((high / low) ** pad, 1.1);
    [low, high] = [low / by, high * by];
  } else if (pad) {
    const by = (high - low) * pad || Math.abs(high) * 0.1 || 1;
    [low, high] = [0 <= low && low <= high / 3 ? 0 : low - by, high + by];
  }
  return ordered(axis, given(axis.low, axis) ?? low, given(axis.high, axis) ?? high);
}

/**
 * Return limits that have a length.
 * @param {Axis} axis
 * @param {number} low
 * @param {number} high
 * @returns {Pair}
 */
function ordered(axis, low, high) {
  if (low < high) return [low, high];
  if (given(axis.high, axis) === null) return [low, axis.log ? low * 10 : low + Math.max(1, Math.abs(low) * 0.1)];
  return [axis.log ? high / 10 : high - Math.max(1, Math.abs(high) * 0.1), high];
}

/**
 * Whether `value` is a number that can be drawn: what has more than a hundred digits is none that anybody measured.
 * @param {unknown} value
 * @returns {value is number}
 */
export function isNumber(value) {
  return typeof value === "number" && Math.abs(value) < 1e100;
}

/** Whether `axis` can show `value`: a log axis has no zero. @param {unknown} value @param {{log: boolean}} axis @returns {value is number} */
export function hasPlace(value, axis) {
  return isNumber(value) && (value > 0 || !axis.log);
}

/** @param {number | null | undefined} end @param {Axis} axis */
function given(end, axis) {
  return hasPlace(end, axis) ? end : null;
}

/**
 * Return how far along its axis a value stands, from 0 to 1.
 * @param {number} value
 * @param {Pair} between
 * @param {boolean} [log]
 */
export function fraction(value, [low, high], log = false) {
  if (!log) return (value - low) / (high - low);
  return value > 0 ? Math.log(value / low) / Math.log(high / low) : 0;
}

/** Keep a fraction on its axis. @param {number} value */
export function clamped(value) {
  return Math.min(1, Math.max(0, value));
}

/**
 * Return what `write` makes of so many places, rounded as Python does: what is exactly halfway goes to the even digit.
 * @param {(places: number) => string} write
 * @param {number} places
 */
function even(write, places) {
  const [near, exact] = [write(places), write(places + 40)]; // forty more digits tell a half from what is near it
  const halfway = /^(.*\d)\.?50{39}(e.*)?$/.exec(exact);
  return halfway && Number(halfway[1].slice(-1)) % 2 === 0 ? halfway[1] + (halfway[2] ?? "") : near;
}

/** Return a number with so many decimals, as Python's "f" writes it. @param {number} value @param {number} places */
export function fixed(value, places) {
  return even((count) => value.toFixed(count), places);
}

/**
 * Return a number with so many digits at most, as Python's "g" writes it.
 * @param {number} value
 * @param {number} digits
 */
export function general(value, digits) {
  if (!Number.isFinite(value)) return `${value}`;
  const [mantissa, power] = even((count) => value.toExponential(count), digits - 1).split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= digits) {
    return `${bare(mantissa)}e${exponent < 0 ? "-" : "+"}${`${Math.abs(exponent)}`.padStart(2, "0")}`;
  }
  return bare(fixed(value, Math.max(0, digits - 1 - exponent)));
}

/** Drop zeros that say nothing. @param {string} digits */
function bare(digits) {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}

/** Return a number as a reader wants it at a tick: thousands apart, and a true minus. @param {number} value */
export function spoken(value) {
  const [whole, ...rest] = general(value, Math.abs(value) < 1e10 ? 10 : 15).split(/(?=[.e])/);
  return (whole.replace(/\B(?=(\d{3})+$)/g, "\u202f") + rest.join("")).replaceAll("-", "−");
}

/** Return a measurement with three digits, as no more of them mean anything. @param {number} value */
export function digits(value) {
  return spoken(Number(value.toPrecision(3)));
}

/** Return a power of ten as 10⁻⁴. @param {number} value */
function raised(value) {
  return "10" + `${Math.round(Math.log10(value))}`.replace(/./g, (sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"["0123456789-".indexOf(sign)]);
}

/**
 * Return round values within limits, fewer than `most` and one.
 * @param {Pair} between
 * @param {number} most
 */
export function round([low, high], most) {
  const power = Math.floor(Math.log10((high - low) / most));
  for (const up of [0, 1, 2]) {
    for (const digit of [1, 2, 5]) {
      const step = Number(`${digit}e${power + up}`);
      const first = Math.ceil(low / step - 1e-9);
      const last = Math.floor(high / step + 1e-9);
      if (last - first < most) {
        return Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => Number(((first + n) * step).toPrecision(12)));
      }
    }
  }
  return [low];
}

/**
 * Return ticks of a log axis: powers of ten over two decades, with their 2 and 5 under that, most digits under 8.
 * @param {Pair} between
 * @param {number} most
 */
export function decades([low, high], most) {
  const long = Math.log10(high / low);
  const tight = long * 3 > most; // three labels to each decade are too many
  const marks = high / low < 8 ? [1, 2, 3, 4, 6, 8] : high / low < 100 && !tight ? [1, 2, 5] : [1];
  const every = marks.length === 1 ? Math.max(1, Math.ceil(long / most)) : 1;
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
    if (power % every === 0) ticks.push(...marks.map((mark) => Number(`${mark}e${power}`)));
  }
  return ticks.filter((tick) => low <= tick * 1.000001 && tick <= high * 1.000001);
}

/**
 * Return what stands at ticks; the unit once, at the last: 0, 5, 10, 15 s.
 * @param {number[]} ticks
 * @param {Pair} between
 * @param {string} unit
 */
export function says(ticks, [low, high], unit) {
  const seen = ticks.filter((tick) => low <= tick && tick <= high * 1.0001);
  const powers = ticks.every((tick) => tick > 0 && Math.abs(tick / 10 ** Math.round(Math.log10(tick)) - 1) < 1e-9);
  const far = powers && seen.some((tick) => tick < 9e-4 || tick > 9e4);
  const last = seen[seen.length - 1];
  return ticks.map((tick) => (far ? raised(tick) : spoken(tick)) + (unit && tick === last ? ` ${legible(unit)}` : ""));
}

/** @typedef {{axis: Axis, between: Pair, most: number, unit: string, long: number, upright: boolean}} Ruler */
/** @typedef {{values: number[], words: string[]}} Ticks */

/**
 * Return at most `most` ticks within an axis `long` px long, and no more than there is room for.
 * @param {Ruler} ruler
 * @returns {Ticks}
 */
export function ticked({ axis, between, most, unit, long, upright }) {
  for (let count = most; ; count -= 1) {
    const values = axis.log ? decades(between, count) : round(between, count);
    const words = says(values, between, unit);
    const places = values.map((value) => fraction(value, between, axis.log) * long);
    if (count === 1 || !crowded(places, words, upright)) return { values, words };
  }
}

/**
 * Whether labels would touch at these places.
 * @param {number[]} places
 * @param {string[]} words
 * @param {boolean} upright
 */
function crowded(places, words, upright) {
  return places.slice(1).some((place, n) => {
    if (upright) return place - places[n] < 20;
    return place - places[n] - (textWidth(words[n]) + textWidth(words[n + 1])) / 2 < 8;
  });
}

/** How wide the widest label of an axis is, in px. @param {Ticks} ticks */
export function widthOf(ticks) {
  return Math.max(0, ...ticks.words.map((word) => textWidth(word, BODY)));
}
