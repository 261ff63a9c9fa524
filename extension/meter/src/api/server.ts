import { chmodSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { http } from './http.ts';
import type { RequestListener } from './router.ts';

/** A request must arrive within this time, in ms; answers may take as long as they like. */
const requestTimeoutMs = 10_000;
/** How often connections are looked at for that, in ms: each look wakes the daemon. */
const lookEveryMs = 30_000;

/** How long a server waits for a request, in ms. Only one that listens looks for those that are late. */
export const timeouts = {
  requestTimeout: requestTimeoutMs,
  headersTimeout: requestTimeoutMs,
  connectionsCheckingInterval: lookEveryMs
};

/**
 * Serves the app on a unix socket that only its user may open (mode 0600). A socket that is there
 * already is taken to be stale: hold the daemon's lock before you call this.
 */
export async function listen(app: RequestListener, socket: string): Promise<Server> {
  const server = http.createServer(timeouts, app);
  rmSync(socket, { force: true });
  // The mode must be right from the first moment, so the mask counts, not a chmod that comes later.
  const mask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socket, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } finally {
    process.umask(mask);
  }
  chmodSync(socket, 0o600);
  return server;
}

/** Stops accepting, lets answers in progress end within `graceMs`, then closes every connection. */
export async function close(server: Server, graceMs = 1000): Promise<void> {
  const closed = new Promise(resolve => server.close(resolve));
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}
