import type { CheckerService } from './service.ts';

/** Cells that use what most cells use, so that the checker has resolved and compiled it before the first real one. */
const cells = [
  `const list = [1, 2].map(x => x * 2); interface Shape { a: string; b?: number }
console.log(list); await Promise.all([1].map(async i => i));
class Box<T> { #x?: T; get size() { return 1 } static k = 2; m(a: T, ...rest: number[]) { return [a, ...rest] } }
new Box<string>().m('a', 1)`,
  `type Row = { name: string; tags?: string[] }; const rows: Row[] = [{ name: 'a' }];
const byName = new Map(rows.map(r => [r.name, r] as const));
function group<T, K extends string>(xs: T[], f: (x: T) => K): Record<K, T[]> {
  const out = {} as Record<K, T[]>; for (const x of xs) (out[f(x)] ??= []).push(x); return out }
group(rows, r => r.name); const { name, ...rest } = rows[0]!; \`\${name}\``,
  `async function* count(n: number) { for (let i = 0; i < n; i++) yield i }
let total = 0; for await (const v of count(3)) total += v;
try { JSON.parse('{') } catch (e) { console.log((e as Error).message) }
[3, 1].filter(x => x > 1).reduce((a, b) => a + b, 0).toFixed(1)`,
  `enum Color { Red, Blue = 3 }; namespace Tools { export const k = 1 }
abstract class Solid { constructor(public s: number) {} abstract area(): number }
class Cube extends Solid { area() { return this.s ** 2 } }
console.log(Object.entries({ a: 1 }).map(([k, v]) => k + v), Math.hypot(3, 4))`,
  `const wrong: number = 'x'; [1].foo(); nowhere; const other: { a: number } = { b: 1 }`
];

/** Runs the cells through the checker without keeping their names. */
export function warmUp(service: CheckerService): void {
  for (const cell of cells) service.check(cell, false);
}

/** How many warm-up steps there are. */
export const warmUpSteps = cells.length;

/** One step of the warm-up, with completion and inspection, which the snapshot cannot hold. */
export function warmUpStep(service: CheckerService, step: number): void {
  const cell = cells[step % cells.length] ?? '';
  service.check(cell, false);
  service.inspect(cell, 6);
  service.complete(`${cell}\nconsole.`, cell.length + 9);
}
