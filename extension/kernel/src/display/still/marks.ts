import type { Axis } from './axis.ts';
import type { Point, Trace } from './traces.ts';

/** The picture's axes, and how a place becomes a pixel on each. */
export interface Canvas {
  x: Axis;
  y: Axis;
  across: (place: number) => number;
  up: (place: number) => number;
}

/** How bars of several traces share a place. */
export type BarMode = 'group' | 'stack' | 'overlay';

const ground = '#2a2a2a';

/** Draws points, their line and their error bars. */
export function drawPoints(
  { points, line, dots }: Trace & { kind: 'points' },
  colour: string,
  { across, up }: Canvas
): string {
  const path = points.map(({ x, y }) => `${across(x)},${up(y)}`).join(' ');
  const circles = points.map(
    ({ x, y }) => `<circle cx="${across(x)}" cy="${up(y)}" r="3" fill="${colour}"/>`
  );
  return [
    line ? `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>` : '',
    ...(dots ? circles : []),
    ...points.map(point => whisker(point, across(point.x), up, false))
  ].join('');
}

/** Draws the bars of all traces: side by side, on one another, or before one another; error bars above all. */
export function drawBars(
  traces: readonly (readonly [Trace & { kind: 'bars' }, colour: string])[],
  mode: BarMode,
  canvas: Canvas
): string {
  const beside = mode === 'group' ? traces.length : 1;
  const gap = smallestGap(traces.flatMap(([{ points }]) => points.map(({ x }) => x)));
  const stacks = new Stacks();
  const drawn = traces.flatMap(([trace, colour], index) => {
    const size = trace.width ?? (0.8 * gap) / beside;
    const shift = trace.width === undefined ? index - (beside - 1) / 2 : 0;
    return trace.points.map(point => {
      const from = mode === 'stack' ? stacks.put(point) : 0;
      const at = point.x + (beside === 1 ? 0 : shift * size);
      return drawBar({ trace, colour, canvas, point, from, at, size });
    });
  });
  return [...drawn.map(({ bar }) => bar), ...drawn.map(({ error }) => error)].join('');
}

interface Bar {
  trace: Trace & { kind: 'bars' };
  colour: string;
  canvas: Canvas;
  point: Point;
  from: number;
  at: number;
  size: number;
}

function drawBar({ trace, colour, canvas, point, from, at, size }: Bar) {
  const { x, y, across, up } = canvas;
  const [along, value, axis] = trace.sideways ? [up, across, x] : [across, up, y];
  const [a, b] = [along(at - size / 2), along(at + size / 2)];
  const raised = axis.isLog ? point : raise(point, from);
  const base = axis.isLog ? axis.low : from;
  const [c, d] = [value(base), value(raised.y)];
  const [left, right] = [Math.min(a, b), Math.abs(a - b)];
  const [top, height] = [Math.min(c, d), Math.abs(c - d)];
  const [bx, by, bw, bh] = trace.sideways ? [top, left, height, right] : [left, top, right, height];
  return {
    bar: `<rect x="${round(bx)}" y="${round(by)}" width="${round(bw)}" height="${round(bh)}" fill="${colour}"/>`,
    error: whisker(raised, along(at), value, trace.sideways)
  };
}

const raise = (point: Point, by: number): Point => ({
  ...point,
  ...{ y: point.y + by, low: point.low + by, high: point.high + by }
});

/** Draws a field of values as coloured cells. */
export function drawCells({ x, y, z }: Trace & { kind: 'cells' }, { across, up }: Canvas): string {
  const values = z.flat().filter(Number.isFinite);
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const [halfX, halfY] = [smallestGap(x) / 2, smallestGap(y) / 2];
  const cells = z
    .flatMap((row, down) =>
      row.map((value, at) => {
        const [cx = NaN, cy = NaN] = [x[at], y[down]];
        if (![value, cx, cy].every(Number.isFinite)) return '';
        const [left, right] = [across(cx - halfX), across(cx + halfX)].sort((a, b) => a - b);
        const [top, bottom] = [up(cy + halfY), up(cy - halfY)].sort((a, b) => a - b);
        const size = `width="${round(right! - left!)}" height="${round(bottom! - top!)}"`;
        return `<rect x="${left}" y="${top}" ${size} fill="${scaleColour((value - low) / (high - low || 1))}"/>`;
      })
    )
    .join('');
  return `<g shape-rendering="crispEdges">${cells}</g>`;
}

/** The range on an axis that the bars of a stack reach together. */
export function includeStacks(traces: readonly Trace[], x: Axis, y: Axis): void {
  const stacks = new Stacks();
  for (const trace of traces) {
    if (trace.kind !== 'bars') continue;
    for (const point of trace.points) {
      (trace.sideways ? x : y).include(stacks.put(point) + point.y);
    }
  }
}

/** How far the bars on one another reach at each place, up and down. */
class Stacks {
  readonly #reached = new Map<string, number>();

  /** Puts a bar on those that are there; returns where it begins. */
  put({ x, y }: Point): number {
    const key = `${x} ${y < 0}`;
    const from = this.#reached.get(key) ?? 0;
    this.#reached.set(key, from + y);
    return from;
  }
}

function whisker(
  { low, y, high }: Point,
  at: number,
  value: (place: number) => number,
  sideways: boolean
): string {
  if (low === y && high === y) return '';
  const [a, b] = [value(low), value(high)];
  const path = sideways
    ? `M${a},${at}H${b}M${a},${at - 4}v8M${b},${at - 4}v8`
    : `M${at},${a}V${b}M${at - 4},${a}h8M${at - 4},${b}h8`;
  return `<path d="${path}" stroke="${ground}" stroke-width="1.5" fill="none"/>`;
}

/** The smallest distance of two places; 1 where there is only one. */
export function smallestGap(places: readonly number[]): number {
  const sorted = [...new Set(places)].filter(Number.isFinite).sort((a, b) => a - b);
  const gaps = sorted.slice(1).map((place, at) => place - (sorted[at] ?? 0));
  return gaps.length > 0 ? gaps.reduce((a, b) => Math.min(a, b)) : 1;
}

/** From dark blue over green to yellow, which also reads in grey. */
const stops = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37]
] as const;

function scaleColour(part: number): string {
  const at = Math.min(0.9999, Math.max(0, part)) * (stops.length - 1);
  const [from, to] = [stops[Math.floor(at)] ?? stops[0], stops[Math.floor(at) + 1] ?? stops[4]];
  const mixed = from.map((value, i) => Math.round(value + (at % 1) * ((to[i] ?? 0) - value)));
  return `rgb(${mixed.join(',')})`;
}

/** A pixel to a tenth. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
