import type { ServerResponse } from 'node:http';

/**
 * Counts who needs the daemon: each server and each command holds one request open. `onChange` is
 * told the number of leases whenever it changes.
 */
export class Leases {
  onChange: (count: number) => void = () => {};
  readonly #holders = new Set<ServerResponse>();

  /** How many leases are held. */
  get count(): number {
    return this.#holders.size;
  }

  /** Holds `response` open, with a first line that says the lease is given, until its client leaves. */
  hold(response: ServerResponse): void {
    response.writeHead(200, {
      'content-type': 'application/x-ndjson',
      'cache-control': 'no-store'
    });
    response.write(`${JSON.stringify({ leased: true, pid: process.pid })}\n`);
    this.#holders.add(response);
    response.once('close', () => {
      this.#holders.delete(response);
      this.onChange(this.count);
    });
    this.onChange(this.count);
  }

  /** Ends all leases, so that their clients know that the daemon leaves. */
  end(): void {
    for (const response of this.#holders) response.end();
  }
}
