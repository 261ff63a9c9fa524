import { stripVTControlCharacters } from 'node:util';

/**
 * Lays rows out in columns, two blanks apart, the header's included.
 * @param align One letter a column: `l` or `r`.
 */
export function table(rows: string[][], align: string): string[] {
  const widths = [...align].map((_, column) =>
    Math.max(0, ...rows.map(row => width(row[column] ?? '')))
  );
  return rows.map(row =>
    row
      .map((text, column) => {
        const gap = ' '.repeat(Math.max(0, (widths[column] ?? 0) - width(text)));
        return align[column] === 'r' ? gap + text : text + gap;
      })
      .join('  ')
      .trimEnd()
  );
}

/**
 * Makes text that came from outside (a path, a label, an error) safe to print on one line: no control
 * characters, no escape sequences.
 */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}+/gu, ' ');
}

/** Shortens text to `most` characters by leaving out its beginning, where paths say least. */
export function shortened(text: string, most: number): string {
  return text.length <= most ? text : `…${text.slice(text.length - most + 1)}`;
}

function width(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
