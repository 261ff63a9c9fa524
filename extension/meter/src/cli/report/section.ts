import { escape } from './escape.ts';

/**
 * A part of the page. What is too wide for a phone scrolls in itself, by keyboard as well.
 * @param body HTML.
 */
export function section(title: string, body: string): string {
  const name = escape(title);
  return `<section><h2>${name}</h2><div class="scroll" tabindex="0" role="region" aria-label="${name}">${body}</div></section>`;
}

/** A table of words: what, how much, and what that means. */
export function wordTable(rows: string[][]): string {
  const body = rows.map(
    cells => `<tr>${cells.map(cell => `<td>${escape(cell)}</td>`).join('')}</tr>`
  );
  return `<table class="words"><tbody>${body.join('')}</tbody></table>`;
}
