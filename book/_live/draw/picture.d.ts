// What `netlab.picture.Picture.data()` is as JSON (netlab/picture). A number that was without end or was none
// arrives as null: what is drawn of it stands here, where it is anything.

export type Hue = "grey" | "blue" | "orange" | "teal" | "purple" | "brown";
export type Pair = [number, number];

export interface Axis {
  label: string;
  unit: string;
  low: number | null; // null: as far as the data goes
  high: number | null;
  log: boolean;
}

export interface Curve {
  name: string;
  points: (number | null)[][];
  hue: Hue;
  mark: "line" | "dashed" | "steps" | "dots" | "rings";
}

export interface Level {
  value: number | null;
  name: string;
  across: "x" | "y";
}

export interface Area {
  start: number | null; // null: from where the axis begins
  stop: number | null; // null: to where it ends
  name: string;
  hue: Hue;
  across: "x" | "y";
}

export interface Remark {
  x: number | null;
  y: number | null;
  text: string;
  by: Pair; // px to the right and up
  hue: Hue | null;
}

export interface Lines {
  kind: "lines";
  curves: Curve[];
  x: Axis;
  y: Axis;
  levels: Level[];
  areas: Area[];
  crosses: (number | null)[][];
  remarks: Remark[];
}

export interface Bar {
  name: string;
  value: number | null;
  text: string;
  hue: Hue;
}

export interface Bars {
  kind: "bars";
  bars: Bar[];
  value: Axis;
}

export interface Spread {
  name: string;
  best: number | null;
  p50: number | null;
  p99: number | null;
  hue: Hue;
}

export interface Spreads {
  kind: "spreads";
  rows: Spread[];
  value: Axis;
}

export interface Phase {
  kind: "phase";
  points: (number | null)[][];
  capacity: number;
  unit: string;
  names: [string, string];
  remarks: Remark[];
}

export interface Span {
  start: number;
  stop: number;
  name: string;
  value: string | { hex: string }; // what a picture says of it, or bytes
}

export interface Bits {
  offset: number;
  parts: [string, number][];
}

export interface Bytes {
  kind: "bytes";
  octets: string; // hex
  spans: Span[];
  bits: Bits[];
  hues: Record<string, Hue> | null;
  rules: Record<string, string> | null;
  elide: number;
  letters: boolean;
}

export interface Field {
  name: string;
  bits: number;
  value: string;
  hue: Hue;
}

export interface Header {
  kind: "header";
  fields: Field[];
}

export interface Message {
  time: number; // s
  src: string;
  dst: string;
  label: string;
  size: number; // bytes
  lost: boolean;
  delay: number; // s
  hue: Hue | null;
  data: string; // hex: the first bytes, as many as are known
}

export interface Bracket {
  start: number;
  stop: number;
  text: string;
}

export interface Note {
  time: number;
  host: string;
  text: string;
}

export interface Conversation {
  kind: "conversation";
  messages: Message[];
  brackets: Bracket[];
  notes: Note[];
  capture: string; // hex: the same as a file for Wireshark, or ""
}

export interface Step {
  state: string;
  event: string;
  next: string;
}

export interface States {
  kind: "states";
  table: Step[];
  at: Record<string, Pair> | null; // column, row
  hot: [string, string][];
  hue: Hue;
}

export interface Grid {
  kind: "grid";
  rows: string[];
  columns: string[];
  verdicts: (boolean | string | null)[][];
  wrong: Pair[]; // row, column
}

export interface Stretch {
  row: string;
  start: number | null;
  stop: number | null;
  text: string;
  hue: Hue;
}

export interface Timeline {
  kind: "timeline";
  stretches: Stretch[];
  time: Axis;
  marks: [number | null, string][];
}

export interface Host {
  name: string;
  at: Pair; // column, row
  kind: "host" | "router";
  says: string;
  hue: Hue;
}

export interface Link {
  a: string;
  b: string;
  says: string;
  ends: [string, string];
  hue: Hue;
}

export interface Topology {
  kind: "topology";
  hosts: Host[];
  links: Link[];
  zones: Record<string, string[]> | null;
}

export type One =
  | Lines | Bars | Spreads | Phase | Bytes | Header | Conversation | States | Grid | Timeline | Topology;

export interface Panel {
  title: string;
  drawing: One;
  share: number;
}

export interface Panels {
  kind: "panels";
  panels: Panel[];
  stacked: boolean;
}

export interface Picture {
  kind: "picture";
  title: string;
  drawing: One | Panels;
  sentence: string;
  caption: string;
  note: string;
  badge: string;
  height: number; // px
}
