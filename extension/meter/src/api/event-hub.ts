import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** A client with more than this unread, in bytes, is dropped: it may resume with its last id. */
const maxUnreadBytes = 2 ** 20;
const heartbeatMs = 15_000;
const retryMs = 2000;

/** An event as it goes over the wire. */
export interface ServerEvent {
  name: string;
  data: unknown;
  /** Lets a client resume after this event. */
  id?: number;
}

/** Server-sent events to any number of clients; a slow one never holds up the daemon or the others. */
export class EventHub {
  /** Told the number of clients whenever it changes. */
  onChange: (count: number) => void = () => {};
  readonly #clients = new Set<ServerResponse>();
  #heartbeat: NodeJS.Timeout | undefined;

  /** How many clients listen. */
  get count(): number {
    return this.#clients.size;
  }

  /**
   * Sends an event to all clients. One without an id describes a passing state, so a client that has
   * not read the one before is spared it.
   */
  publish(event: ServerEvent): void {
    if (this.#clients.size === 0) return;
    const frame = frameOf(event);
    for (const client of this.#clients) {
      if (event.id === undefined && client.writableNeedDrain) continue;
      client.write(frame);
      if (client.writableLength > maxUnreadBytes) client.destroy();
    }
  }

  /**
   * Adds a client, after what it missed.
   * @param pages What it missed, a page at a time, read as fast as the client reads; a page that is
   *   empty ends it, and no event may happen between that and the live ones.
   */
  async attach(response: ServerResponse, pages: () => ServerEvent[]): Promise<void> {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no'
    });
    response.write(`retry: ${retryMs}\n\n`);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    for (let page = pages(); page.length > 0; page = pages()) {
      const frames = page.map(frameOf).join('');
      if (response.write(frames)) continue;
      await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
      if (gone.signal.aborted) return;
    }
    if (response.destroyed) return;
    this.#clients.add(response);
    response.once('close', () => {
      this.#clients.delete(response);
      this.#changed();
    });
    this.#changed();
  }

  /** Ends all streams. */
  end(): void {
    for (const client of this.#clients) client.end();
  }

  #changed(): void {
    if (this.count > 0) {
      this.#heartbeat ??= setInterval(() => this.#beat(), heartbeatMs).unref();
    } else {
      clearInterval(this.#heartbeat);
      this.#heartbeat = undefined;
    }
    this.onChange(this.count);
  }

  #beat(): void {
    for (const client of this.#clients)
      if (client.writableLength === 0) client.write(': alive\n\n');
  }
}

function frameOf({ name, data, id }: ServerEvent): string {
  const idLine = id === undefined ? '' : `id: ${id}\n`;
  return `event: ${name}\n${idLine}data: ${JSON.stringify(data)}\n\n`;
}
