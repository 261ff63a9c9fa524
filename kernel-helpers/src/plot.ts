import { HelperError } from './errors.ts';

/** A figure as plotly.js takes it. */
export interface Figure {
  /** The traces. */
  readonly data: readonly Readonly<Record<string, unknown>>[];
  /** Title, axes and the rest. */
  readonly layout?: Readonly<Record<string, unknown>>;
  /** How the figure behaves. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Titles and scales of a line figure. */
export interface LineOptions {
  /** Title above the figure. */
  title?: string;
  /** Name and unit of the horizontal axis. */
  x?: string;
  /** Name and unit of the vertical axis. */
  y?: string;
  /** Whether the vertical axis is logarithmic; values of 0 and below are left out. @default false */
  logY?: boolean;
  /** How many points a line may have; longer ones are thinned. @default 2000 */
  maxPoints?: number;
}

type Display = (bundle: Record<string, unknown>) => void;

/** A notebook that holds much more opens slowly. */
const largestFigureBytes = 5_000_000;

/**
 * Shows a plotly figure in the output of the cell that runs.
 * @param figure Data, layout and configuration; numbers that are not finite become gaps.
 * @throws HelperError `display/missing` outside a notebook's kernel, `display/too-large` above 5 MB.
 * @example plot(lineFigure({ loss: losses }, { x: 'step', logY: true }));
 */
export function plot(figure: Figure): void {
  const display = (globalThis as Record<symbol, unknown>)[Symbol.for('joulebook.display')];
  if (typeof display !== 'function') {
    throw new HelperError(
      'display/missing',
      'plot found no notebook output to draw in; run it in a cell of the "TypeScript (GPU)" kernel'
    );
  }
  const text = JSON.stringify({
    data: figure.data,
    layout: figure.layout ?? {},
    config: figure.config
  });
  if (text.length > largestFigureBytes) {
    throw new HelperError(
      'display/too-large',
      `the figure has ${text.length} bytes, at most ${largestFigureBytes} are shown; draw fewer points`
    );
  }
  const bundle = JSON.parse(text) as Record<string, unknown>;
  const names = figure.data.map(trace => trace.name).filter(name => typeof name === 'string');
  (display as Display)({
    'application/vnd.plotly.v1+json': bundle,
    'text/plain': `[figure: ${names.join(', ') || 'one trace'}]`
  });
}

/**
 * Draws lines over their index, such as losses over steps.
 * @param lines The values of each line, by its name in the legend.
 * @param options Titles, scale, and how many points to keep.
 * @returns A figure for `plot`. A line of more than `maxPoints` keeps the lowest and highest value of each stretch.
 */
export function lineFigure(
  lines: Readonly<Record<string, ArrayLike<number>>>,
  options: LineOptions = {}
): Figure {
  const data = Object.entries(lines).map(([name, values]) => {
    const at = thin(values, options.maxPoints ?? 2000);
    return { type: 'scatter', mode: 'lines', name, x: at, y: at.map(index => values[index]) };
  });
  const axis = (text?: string) => (text === undefined ? {} : { title: { text } });
  const layout = {
    ...(options.title === undefined ? {} : { title: { text: options.title } }),
    xaxis: axis(options.x),
    yaxis: { ...axis(options.y), ...(options.logY ? { type: 'log', exponentformat: 'power' } : {}) }
  };
  return { data, layout };
}

/** The indices to draw: all, or of each stretch those of its lowest and its highest value. */
function thin(values: ArrayLike<number>, maxPoints: number): number[] {
  const all = Array.from({ length: values.length }, (_, index) => index);
  if (all.length <= maxPoints) return all;
  const stretch = Math.ceil((2 * all.length) / maxPoints);
  const kept = new Set([0, all.length - 1]);
  for (let from = 0; from < all.length; from += stretch) {
    const part = all.slice(from, from + stretch);
    const value = (index: number): number => values[index] ?? NaN;
    kept.add(part.reduce((a, b) => (value(b) < value(a) ? b : a)));
    kept.add(part.reduce((a, b) => (value(b) > value(a) ? b : a)));
  }
  return [...kept].sort((a, b) => a - b);
}
