import { inspect } from 'node:util';
import { isPromise } from 'node:util/types';
import { KernelError } from '../errors.ts';
import { figureOf, plotlyMime } from './figure.ts';
import { figureSvg } from './still/figure-svg.ts';
import { tableHtml, tableOf } from './table.ts';
import { isTensor, tensorText } from './tensor.ts';

/** The ways to show one thing, by MIME type. */
export type MimeBundle = Record<string, unknown>;

const mimeType = /^[\w.+-]+\/[\w.+-]+$/;
const notes = ['async_id_symbol', 'trigger_async_id_symbol', 'kResourceStore'];
/** Objects show themselves through a method of this name, as in Deno's kernel. */
const displayMethod = Symbol.for('Jupyter.display');

/** The ways to show a cell's value; each has a plain text without colours. */
export async function bundleOf(value: unknown): Promise<MimeBundle> {
  const own = await ownBundle(value);
  if (own !== undefined) return checkBundle(own);
  return knownBundle(value) ?? { 'text/plain': textOf(value) };
}

/** A tensor, figure or table; nothing for an object that throws when it is looked at, as a proxy may. */
function knownBundle(value: unknown): MimeBundle | undefined {
  try {
    if (isTensor(value)) return { 'text/plain': tensorText(value) };
    const figure = figureOf(value);
    if (figure) return withImage({ [plotlyMime]: figure, 'text/plain': textOf(value) });
    const table = tableOf(value);
    return table && { 'text/plain': textOf(value), 'text/html': tableHtml(table) };
  } catch {
    return undefined;
  }
}

async function ownBundle(value: unknown): Promise<MimeBundle | undefined> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null)
    return undefined;
  let method: unknown;
  try {
    method = (value as Record<symbol, unknown>)[displayMethod];
  } catch {
    return undefined; // a getter of the user's
  }
  if (typeof method !== 'function') return undefined;
  const bundle: unknown = await (method as () => unknown).call(value);
  return typeof bundle === 'object' && bundle !== null ? (bundle as MimeBundle) : undefined;
}

/** A value as text: as Node prints it, shortened where it is long. */
export function textOf(value: unknown): string {
  try {
    hideNotes(value);
    return inspect(value, { depth: 4, maxArrayLength: 100, maxStringLength: 10_000 });
  } catch (error) {
    return `[a value that cannot be shown: ${error instanceof Error ? error.message : 'it throws'}]`;
  }
}

/** Node 22 and older keep their own notes as properties of each promise, the kernel's among them. */
function hideNotes(value: unknown): void {
  for (const promise of Array.isArray(value) ? (value as unknown[]) : [value]) {
    if (!isPromise(promise)) continue;
    for (const symbol of Object.getOwnPropertySymbols(promise)) {
      if (notes.includes(symbol.description ?? '')) {
        Reflect.defineProperty(promise, symbol, { enumerable: false });
      }
    }
  }
}

/**
 * Makes a bundle fit to send: bytes in base64, an image beside each plotly figure.
 * @throws KernelError `display/invalid` for a key that is no MIME type.
 */
export function checkBundle(bundle: Readonly<MimeBundle>): MimeBundle {
  const checked: MimeBundle = {};
  for (const [type, content] of Object.entries(bundle)) {
    if (!mimeType.test(type)) {
      throw new KernelError(
        'display/invalid',
        `expected a MIME type such as text/html, got ${JSON.stringify(type)}`
      );
    }
    checked[type] =
      content instanceof Uint8Array ? Buffer.from(content).toString('base64') : content;
  }
  return withImage(checked);
}

/** Pages that run no scripts show the image. */
function withImage(bundle: MimeBundle): MimeBundle {
  const figure = figureOf(bundle[plotlyMime]);
  const hasImage = Object.keys(bundle).some(type => type.startsWith('image/'));
  if (!figure || hasImage) return bundle;
  return { ...bundle, 'image/svg+xml': figureSvg(figure) };
}
