import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

/** A way to a local port that can be cut as a network can: open connections end, new ones are refused. */
export interface Network {
  /** What a page opens instead of the server's own address. */
  readonly origin: string;
  /** Takes the network away. */
  cut(): void;
  /** Brings it back. */
  mend(): void;
  /** Ends it for good. */
  close(): void;
}

/** Puts a network between pages and a server: a browser's own "offline" leaves open streams alone. */
export async function networkTo(port: number): Promise<Network> {
  const sockets = new Set<Socket>();
  let isAway = false;
  const server = createServer(client => {
    if (isAway) return void client.destroy();
    const upstream = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client]
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    isAway = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    mend: () => {
      isAway = false;
    },
    close: () => {
      cut();
      server.close();
    }
  };
}
