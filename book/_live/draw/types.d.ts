// What the files here hand to each other; what they are handed is in picture.d.ts.

import type { Pair } from "./picture";

export * from "./picture";

export type PlotLibrary = typeof import("@observablehq/plot");

/** What `draw` is given beside the picture: the room, and the libraries that the page loaded. */
export interface Options {
  width: number; // CSS px
  Plot: PlotLibrary;
  d3?: unknown; // Plot finds its own as a global; nothing here asks for it
}

/** A hue's three strengths: `line` for marks, `text` for words, `tint` for areas under words. */
export interface Ink {
  line: string;
  text: string;
  tint: string;
}

/** A rectangle: px from the left and from the top, and px wide and high. */
export interface Box {
  x: number;
  y: number;
  wide: number;
  high: number;
}

export interface Margins {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** What a drawing has in common with its neighbours: limits of axes, who writes numbers, who writes names. */
export interface Shared {
  x: Pair | null;
  y: Pair | null;
  numbers: string; // the axes that have tick labels
  names: boolean; // of levels and areas, at the right
}

/** The room a drawing is planned for, and what it may draw with. */
export interface Room {
  width: number;
  height: number;
  shared: Shared;
  Plot: PlotLibrary;
}

export interface Canvas {
  add(z: number, ...parts: Element[]): void;
}

/** The room that a drawing's words need, its height where it knows it, and how to paint it into its box. */
export interface Plan {
  margins: Margins;
  height: number | null;
  square: boolean;
  paint(sheet: Canvas, box: Box): void;
}

export interface Placed {
  plan: Plan;
  box: Box;
}

/** What to write beside `at`, a fraction of an axis. Bold names are curves, the others measure them. */
export interface Name {
  at: number;
  text: string;
  ink: Ink | null;
  bold: boolean;
}

/** How words look; the rest is what SVG says of a <text>. */
export interface Look {
  ink?: Ink;
  fill?: string;
  size?: number;
  bold?: boolean;
  mono?: boolean;
  anchor?: "start" | "middle" | "end";
  plain?: string | boolean; // a ground of paper, or of this colour, under the words
  z?: number;
  turn?: number; // degrees against the clock, about the anchor
  into?: Element; // a group that holds the words, instead of the sheet
}
