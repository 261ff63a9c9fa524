/** The MIME type of figures of plotly.js. */
export const plotlyMime = 'application/vnd.plotly.v1+json';

/** A figure as plotly.js takes it. */
export interface Figure {
  data: Record<string, unknown>[];
  layout: Record<string, unknown>;
  config?: unknown;
  frames?: unknown;
}

const members = new Set(['data', 'layout', 'config', 'frames']);

/** Reads a value as a plotly figure; `undefined` when it is none. */
export function figureOf(value: unknown): Figure | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { data, layout } = value as Partial<Figure>;
  if (!Object.keys(value).every(name => members.has(name))) return undefined;
  if (!Array.isArray(data) || data.length === 0 || !data.every(isTrace)) return undefined;
  if (layout !== undefined && !isObject(layout)) return undefined;
  if (layout === undefined && !data.some(({ type }) => typeof type === 'string')) return undefined;
  return { ...(value as Figure), layout: layout ?? {} };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTrace = (trace: unknown): trace is Record<string, unknown> =>
  isObject(trace) && ('type' in trace || 'x' in trace || 'y' in trace || 'z' in trace);
