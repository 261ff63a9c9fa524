import { createServer } from 'node:net';

/**
 * Takes an address apart.
 * @param address `host:port`; an IPv6 host stands in brackets.
 * @returns Host, without brackets, and port.
 */
export function hostAndPort(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':');
  return {
    host: address.slice(0, at).replace(/^\[|\]$/g, ''),
    port: Number(address.slice(at + 1))
  };
}

/**
 * Finds a port that nobody listens on now.
 * @returns The port, free until somebody else takes it.
 */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, resolve);
  });
  const address = server.address();
  await new Promise<void>(resolve => server.close(() => resolve()));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
