import { inspect, stripVTControlCharacters } from 'node:util';
import type { ScriptMaps } from './script-maps.ts';

/** An error as Jupyter's messages carry it. */
export interface ErrorReport {
  ename: string;
  evalue: string;
  /** Lines, with ANSI colours. */
  traceback: string[];
}

const red = (text: string): string => `\u001b[31m${text}\u001b[39m`;

/**
 * Makes the stacks of errors tell the user's own lines, and leave out the kernel's.
 * @param internals Parts of file names of the kernel itself.
 */
export function mapStacks(maps: ScriptMaps, internals: readonly string[]): void {
  Error.prepareStackTrace = (error, sites) => {
    const frames = sites.map(site => {
      const name = site.getFileName() ?? '';
      const place = maps.place(name, site.getLineNumber() ?? 1, site.getColumnNumber() ?? 1);
      if (place === undefined) return { text: frameText(site), name, ours: false };
      const called = site.getFunctionName() ?? '';
      const at = `${place.label}:${place.line}:${place.column}`;
      return { text: called ? `${prefix(site)}${called} (${at})` : at, name, ours: true };
    });
    const last = frames.findLastIndex(({ ours }) => ours);
    const shown = frames
      .filter((_, index) => last < 0 || index <= last)
      .filter(({ name }) => !internals.some(part => name.includes(part)));
    return [headerOf(error), ...shown.map(({ text }) => `    at ${text}`)].join('\n');
  };
}

/** A frame as Node itself prints it. */
const frameText = (site: NodeJS.CallSite): string =>
  (site as object as { toString(): string }).toString();

function prefix(site: NodeJS.CallSite): string {
  return site.isConstructor() ? 'new ' : '';
}

function headerOf(error: unknown): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return 'Error';
  }
}

/** Makes what a cell threw ready to send; it need not be an Error. */
export function reportError(thrown: unknown, maps: ScriptMaps): ErrorReport {
  const isError =
    thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]';
  if (!isError) {
    const evalue = safeInspect(thrown);
    return { ename: 'Thrown', evalue, traceback: [`${red('Thrown')}: ${evalue}`] };
  }
  const error = thrown as Error;
  const ename = safe(() => error.name) || 'Error';
  const evalue = stripVTControlCharacters(safe(() => error.message));
  const [first = '', ...rest] = safeInspect(error).split('\n');
  const header = first.startsWith(ename) ? red(ename) + first.slice(ename.length) : red(first);
  return { ename, evalue, traceback: [header, ...rest, ...excerpt(rest, maps)] };
}

function safe(read: () => unknown): string {
  try {
    return String(read());
  } catch {
    return '';
  }
}

function safeInspect(value: unknown): string {
  try {
    return inspect(value, { depth: 3, maxStringLength: 10_000 });
  } catch {
    return '[an object that cannot be shown]';
  }
}

/** The user's lines around the first place of the stack. */
function excerpt(stack: readonly string[], maps: ScriptMaps): string[] {
  const found = /(Cell \d+):(\d+):(\d+)/.exec(stack.join('\n'));
  const source = found?.[1] && maps.source(found[1]);
  if (!found || !source) return [];
  const line = Number(found[2]);
  const lines = source.split('\n');
  const first = Math.max(1, line - 2);
  const last = Math.min(lines.length, line + 2);
  const width = String(last).length;
  const shown = [''];
  for (let at = first; at <= last; at += 1) {
    const mark = at === line ? red('>') : ' ';
    shown.push(`${mark} ${String(at).padStart(width)} | ${lines[at - 1] ?? ''}`);
    if (at === line) {
      shown.push(`  ${' '.repeat(width)} | ${' '.repeat(Number(found[3]) - 1)}${red('^')}`);
    }
  }
  return shown;
}
