import { inspect } from 'node:util';

/** Rows of an array of objects. */
export interface Table {
  columns: string[];
  rows: Record<string, unknown>[];
  /** How many rows the array has; `rows` may hold fewer. */
  total: number;
}

const mostRows = 60;
const mostColumns = 30;

/** Reads an array of plain objects as a table; `undefined` for anything else. */
export function tableOf(value: unknown): Table | undefined {
  if (!Array.isArray(value) || value.length < 1) return undefined;
  const rows = value.slice(0, mostRows) as unknown[];
  if (!rows.every(isRow)) return undefined;
  const columns = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) columns.add(name);
  if (columns.size === 0) return undefined;
  return { columns: [...columns].slice(0, mostColumns), rows, total: value.length };
}

function isRow(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.values(Object.getOwnPropertyDescriptors(value)).every(
    property => property.get === undefined && !isNested(property.value)
  );
}

/** Tables are for flat rows: nested objects are better read as text. */
const isNested = (cell: unknown): boolean =>
  typeof cell === 'function' ||
  (typeof cell === 'object' && cell !== null && !(cell instanceof Date) && !Array.isArray(cell));

/** A table as HTML. */
export function tableHtml(table: Table): string {
  const head = table.columns.map(name => `<th>${escapeHtml(name)}</th>`).join('');
  const body = table.rows.map((row, index) => {
    const cells = table.columns.map(name => `<td>${escapeHtml(cellText(row[name]))}</td>`);
    return `<tr><th>${index}</th>${cells.join('')}</tr>`;
  });
  const more =
    table.total > table.rows.length ? `<p>${table.rows.length} of ${table.total} rows</p>` : '';
  return `<table><thead><tr><th></th>${head}</tr></thead><tbody>${body.join('')}</tbody></table>${more}`;
}

function cellText(value: unknown): string {
  if (value === undefined) return '';
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (Array.isArray(value))
    return `[${value.slice(0, 5).map(cellText).join(', ')}${value.length > 5 ? ', …' : ''}]`;
  return typeof value === 'string' ? value : inspect(value);
}

/** Makes text safe inside HTML and SVG. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
