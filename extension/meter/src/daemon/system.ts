import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { http } from '../api/http.ts';
import { timeouts } from '../api/server.ts';
import { bootId, type Daemon, withLock } from '../daemon.ts';
import { version } from '../version.ts';
import { type Lock } from './lock.ts';
import { openLog } from './log.ts';
import { peerUser } from './peer.ts';
import { makePrivate } from './private-folder.ts';
import { Tenants, type TenantsOptions } from './tenants.ts';

/** How the system's daemon runs. */
export interface SystemOptions extends Omit<TenantsOptions, 'lock' | 'boot' | 'log'> {
  /** The socket that every user may open (mode 0666). */
  socket: string;
  /** Tells whose a connection is. @default what the kernel noted */
  peerOf?: (connection: Socket) => number;
  /** How long it waits for a request. @default as every daemon */
  timeouts?: typeof timeouts;
}

/**
 * Starts the daemon of a whole node: it reads the sensors once, and serves each user what is theirs. Who asks is what the kernel says of the
 * other end of the socket.
 * @returns The daemon, which stays until it is stopped.
 * @throws MeterError `daemon/lock-held` when another one lives, `path/unsafe-folder`.
 */
export async function startSystem(options: SystemOptions): Promise<Daemon> {
  makePrivate(options.state);
  const lock = join(options.state, 'meter.lock');
  return withLock({ lock }, held => startLocked(options, held, lock));
}

async function startLocked(options: SystemOptions, lock: Lock, path: string): Promise<Daemon> {
  const { socket, state } = options;
  const log = openLog(join(state, 'meter.log'));
  const tenants = new Tenants({ ...options, lock: path, boot: bootId(), log });
  const server = serverOf(tenants, options, log);
  mkdirSync(dirname(socket), { recursive: true, mode: 0o755 });
  rmSync(socket, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  // Everybody may ask; what is answered depends on who it is.
  chmodSync(socket, 0o666);
  log(`joulebook ${version} serves all users at ${socket}, pid ${process.pid}`);
  const stop = async () => {
    const closed = new Promise(resolve => server.close(resolve));
    await tenants.stop();
    // Those whose user was not known yet.
    server.closeAllConnections();
    await closed;
    rmSync(socket, { force: true });
    log('stopped');
    lock.release();
  };
  return { over: new Promise<never>(() => {}), stop };
}

/** One server for everybody: it is who connects, not what is asked, that tells whose answers they get. */
function serverOf(
  tenants: Tenants,
  { peerOf = peerUser, timeouts: waits = timeouts }: SystemOptions,
  log: (message: string) => void
): Server {
  const server = http.createServer(waits, (request, response) => {
    void tenants.answer(request, response);
  });
  server.on('connection', (connection: Socket) => {
    try {
      tenants.welcome(peerOf(connection), connection);
    } catch (error) {
      log(`a connection is refused: ${String(error)}`);
      connection.destroy();
    }
  });
  return server;
}
