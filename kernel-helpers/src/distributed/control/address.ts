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

/** A port that this process holds for a server to come. */
export interface ReservedPort {
  readonly port: number;
  /** Lets it go, just before the server listens there. */
  readonly release: () => Promise<void>;
}

/**
 * Takes a port that nobody listens on, and holds it: two workers that look for one at the same time get different ones.
 * @returns The port.
 */
export async function reservePort(): Promise<ReservedPort> {
  const server = createServer(socket => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    release: () => new Promise(resolve => server.close(() => resolve()))
  };
}

/**
 * Finds ports that nobody listens on now.
 * @param count How many.
 * @returns As many different ports, free until somebody else takes them.
 */
export async function freePorts(count: number): Promise<number[]> {
  const reserved = await Promise.all(Array.from({ length: count }, reservePort));
  await Promise.all(reserved.map(({ release }) => release()));
  return reserved.map(({ port }) => port);
}
