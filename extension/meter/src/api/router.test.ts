import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createRouter } from './router.ts';

it('ends a connection whose answer fails after it has begun, also in the middle of a request', async () => {
  const logged: string[] = [];
  const handle = ({ response }: { response: NodeJS.WritableStream }) => {
    response.write('begun');
    throw new Error('no more');
  };
  const route = { method: 'post' as const, path: '/', summary: '', answers: {}, handle };
  const router = createRouter([route], message => logged.push(message));
  const server = createServer(router).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const asked = request({ port, host: '127.0.0.1', method: 'POST', agent: false });
  const failed = once(asked, 'close');
  asked.on('error', () => {}).write('half');
  asked.on('response', (response: IncomingMessage) => response.on('error', () => {}).resume());
  await failed;
  expect(logged).toEqual([expect.stringContaining('no more')]);
  server.close();
});
