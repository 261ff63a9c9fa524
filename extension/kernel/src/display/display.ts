import { randomUUID } from 'node:crypto';
import type { Execution } from '../engine/context.ts';
import type { Json } from '../wire/message.ts';
import { checkBundle, type MimeBundle } from './bundle.ts';

/** Broadcasts a message as part of the running cell. */
export type Publish = (type: string, content: Json, execution?: Execution) => void;

/** How something is shown. */
export interface DisplayOptions {
  /** Names the output, so that it can be replaced later. */
  displayId?: string;
  /** Replaces the outputs of that name instead of adding one. @default false */
  update?: boolean;
  metadata?: Json;
}

/** Shows a bundle in the output of the running cell. */
export type Show = (bundle: MimeBundle, options?: DisplayOptions) => void;

/** The symbol under which libraries find `Show` on `globalThis`. */
export const displaySymbol = Symbol.for('joulebook.display');

/** Makes the function that shows bundles. */
export function makeShow(publish: Publish): Show {
  return (bundle, options = {}) => {
    const { displayId, update = false, metadata = {} } = options;
    publish(update ? 'update_display_data' : 'display_data', {
      data: checkBundle(bundle),
      metadata,
      transient: displayId === undefined ? {} : { display_id: displayId }
    });
  };
}

/** What notebooks see of `tslab`'s display. */
export interface Display {
  javascript(s: string): void;
  html(s: string): void;
  markdown(s: string): void;
  latex(s: string): void;
  svg(s: string): void;
  png(b: Uint8Array): void;
  jpeg(b: Uint8Array): void;
  gif(b: Uint8Array): void;
  pdf(b: Uint8Array): void;
  text(s: string): void;
  /** Shows any MIME type; bytes travel in base64. */
  raw(contentType: string, b: unknown): void;
}

/**
 * Makes a display.
 * @param replacing Whether each call replaces what the one before showed.
 */
export function makeDisplay(show: Show, replacing: boolean): Display {
  const displayId = replacing ? randomUUID().replaceAll('-', '').slice(0, 16) : undefined;
  let shown = false;
  const raw = (type: string, content: unknown): void => {
    show({ [type]: content }, { displayId, update: replacing && shown });
    shown = true;
  };
  const of =
    (type: string) =>
    (content: string | Uint8Array): void =>
      raw(type, content);
  return {
    javascript: of('text/javascript'),
    html: of('text/html'),
    markdown: of('text/markdown'),
    latex: of('text/latex'),
    svg: of('image/svg+xml'),
    png: of('image/png'),
    jpeg: of('image/jpeg'),
    gif: of('image/gif'),
    pdf: of('application/pdf'),
    text: of('text/plain'),
    raw
  };
}
