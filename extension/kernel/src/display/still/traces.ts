import type { Axis } from './axis.ts';

/** One value on its two axes; `low` and `high` are the ends of its error bar on the axis of values. */
export interface Point {
  x: number;
  y: number;
  low: number;
  high: number;
}

/** A trace that a still picture can show. */
export type Trace = { name: string; colour: string | undefined } & (
  | { kind: 'points'; points: Point[]; line: boolean; dots: boolean }
  | { kind: 'bars'; points: Point[]; sideways: boolean; width: number | undefined }
  | { kind: 'cells'; x: number[]; y: number[]; z: number[][] }
);

/** A trace as the figure gives it. */
export type Given = Readonly<Record<string, unknown>>;

/** A picture needs no more points of a line, no more bars of a histogram, and no more cells along a side. */
const mostPoints = 1000;
const mostBins = 100;
const mostCells = 50;

/** Reads a trace onto its axes; `undefined` for a kind that a still picture does not show. */
export function readTrace(given: Given, index: number, x: Axis, y: Axis): Trace | undefined {
  if ((given.xaxis ?? 'x') !== 'x' || (given.yaxis ?? 'y') !== 'y') return undefined;
  const name = typeof given.name === 'string' ? given.name : `trace ${index}`;
  const head = { name, colour: colourOf(given) };
  switch (given.type ?? 'scatter') {
    case 'scatter':
    case 'scattergl':
      return { ...head, ...readPoints(given, x, y) };
    case 'bar':
      return { ...head, ...readBars(given, x, y) };
    case 'histogram':
      return { ...head, ...readHistogram(given, x, y) };
    case 'heatmap':
    case 'contour':
      return { ...head, ...readCells(given, x, y) };
    default:
      return undefined;
  }
}

function readPoints(given: Given, x: Axis, y: Axis) {
  const ys = list(given.y);
  const xs = given.x === undefined ? ys.map((_, at) => at) : list(given.x);
  const errors = errorsOf(given.error_y);
  const step = Math.max(1, Math.ceil(ys.length / mostPoints));
  const points = ys
    .map((value, at) => pointOf(x.place(xs[at]), value, y, errors(at, Number(value))))
    .filter((_, at) => at % step === 0 || at === ys.length - 1)
    .filter(isFinitePoint);
  for (const point of points) include(point, x, y);
  const mode = typeof given.mode === 'string' ? given.mode : 'lines';
  const dots = mode.includes('markers') || !mode.includes('lines');
  return { kind: 'points' as const, points, line: mode.includes('lines'), dots };
}

/** Bars that lie on their side are read with their axes exchanged. */
function readBars(given: Given, x: Axis, y: Axis) {
  const sideways = given.orientation === 'h';
  const [along, across] = sideways ? [y, x] : [x, y];
  const values = list(sideways ? given.x : given.y);
  const places = sideways ? given.y : given.x;
  const names = places === undefined ? values.map((_, at) => at) : list(places);
  const errors = errorsOf(sideways ? given.error_x : given.error_y);
  const points = values
    .map((value, at) => pointOf(along.place(names[at]), value, across, errors(at, Number(value))))
    .filter(isFinitePoint);
  for (const point of points) include(point, along, across);
  if (!across.isLog) across.include(0);
  return { kind: 'bars' as const, points, sideways, width: undefined };
}

function readHistogram(given: Given, x: Axis, y: Axis) {
  const sideways = given.x === undefined;
  const [along, across] = sideways ? [y, x] : [x, y];
  const places = list(sideways ? given.y : given.x).map(value => along.place(value));
  const values = places.filter(Number.isFinite);
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const wanted = Number(given.nbinsx ?? given.nbinsy) || Math.ceil(Math.sqrt(values.length));
  const bins = Math.max(1, Math.min(wanted, mostBins));
  const width = (high - low) / bins || 1;
  const counts = Array.from({ length: values.length > 0 ? bins : 0 }, () => 0);
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.floor((value - low) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const points = counts.map((count, bin) =>
    pointOf(low + (bin + 0.5) * width, count, across, [count, count])
  );
  for (const point of points) include(point, along, across);
  if (!across.isLog) across.include(0);
  return { kind: 'bars' as const, points, sideways, width };
}

function readCells(given: Given, x: Axis, y: Axis) {
  const all = list(given.z).map(list);
  const columns = Math.max(0, ...all.map(({ length }) => length));
  const [down, across] = [all.length, columns].map(n => Math.max(1, Math.ceil(n / mostCells)));
  const kept = <Value>(values: Value[], step = 1) => values.filter((_, at) => at % step === 0);
  const places = (given: unknown, count: number, axis: Axis, step = 1) => {
    const named = given === undefined ? Array.from({ length: count }, (_, at) => at) : list(given);
    const found = kept(named, step).map(value => axis.place(value));
    for (const place of found) axis.include(place);
    return found;
  };
  return {
    kind: 'cells' as const,
    x: places(given.x, columns, x, across),
    y: places(given.y, all.length, y, down),
    z: kept(all, down).map(row => kept(row, across).map(value => Number(value ?? NaN)))
  };
}

function pointOf(x: number, value: unknown, axis: Axis, [low, high]: [number, number]): Point {
  const y = axis.place(value);
  const end = (given: number): number => {
    const place = axis.place(given);
    return Number.isFinite(place) ? place : y;
  };
  return { x, y, low: end(low), high: end(high) };
}

const isFinitePoint = ({ x, y }: Point): boolean => Number.isFinite(x) && Number.isFinite(y);

function include({ x, y, low, high }: Point, along: Axis, across: Axis): void {
  along.include(x);
  for (const place of [y, low, high]) across.include(place);
}

/** The ends of the error bar of each value. */
function errorsOf(given: unknown): (at: number, value: number) => [number, number] {
  const { visible, type, array, arrayminus, symmetric, value, valueminus } = (given ?? {}) as Given;
  if (given === undefined || visible === false) return (_, middle) => [middle, middle];
  const isArray = type === 'data' || array !== undefined;
  const up = (at: number): number => Number((isArray ? list(array)[at] : value) ?? 0);
  const isEven = symmetric === true || (arrayminus === undefined && valueminus === undefined);
  const down = (at: number): number =>
    isEven ? up(at) : Number((isArray ? list(arrayminus)[at] : valueminus) ?? 0);
  return (at, middle) => {
    const scale = type === 'percent' ? middle / 100 : 1;
    return [middle - scale * down(at), middle + scale * up(at)];
  };
}

/** A colour's name or number that stands for the whole trace. */
function colourOf({ line, marker }: Given): string | undefined {
  const colours = [line, marker].map(part => (part as { color?: unknown } | undefined)?.color);
  const found = colours.find(colour => typeof colour === 'string');
  return found !== undefined && /^#?\w{3,30}$|^rgba?\([\d., %]{5,40}\)$/.test(found)
    ? found
    : undefined;
}

function list(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : [];
}
