import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { placesOf, type Places } from '../paths.ts';
import { holdDaemon } from './connect.ts';
import { Output } from './context.ts';

let folder: string;
let places: Places;
let daemon: Server;
let leases: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'joulebook-connect-'));
  places = placesOf({ HOME: folder, TMPDIR: folder });
  mkdirSync(dirname(places.socket), { recursive: true });
  leases = 0;
  daemon = createServer((request, response) => {
    if (request.url !== '/v1/lease') return response.end('{}');
    leases++;
    response.once('close', () => leases--);
    return response.write('{}\n');
  }).listen(places.socket);
  await once(daemon, 'listening');
});
afterEach(() => {
  daemon.closeAllConnections();
  daemon.close();
  rmSync(folder, { recursive: true });
});

describe('holdDaemon', () => {
  it('holds a lease on the daemon that runs now, until told otherwise', async () => {
    const context = { places, environment: {}, self: [], output: new Output() };
    const end = await holdDaemon(context);
    expect(leases).toBe(1);
    end();
    while (leases > 0) await new Promise(setImmediate);
  });
});
