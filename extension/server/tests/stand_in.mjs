// Answers in the daemon's place: says what reached it, and sends what a test needs to see sent.
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';

const socket = process.argv[2];
const execution = { id: 1, notebook: process.env.NOTEBOOK, total: { joules: 1.5 } };
let leases = 0;

const answers = {
  '/v1/lease': (_request, response) => {
    leases++;
    response.writeHead(200).flushHeaders();
    response.on('close', () => --leases || process.exit(0));
  },
  '/v1/events': (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const event = { ...execution, after: request.headers['last-event-id'] };
    response.write(`retry: 2000\n\nid: 8\nevent: finished\ndata: ${JSON.stringify(event)}\n\n`);
  },
  '/v1/executions': (_request, response) => send(response, { executions: [execution] }),
  '/v1/power': (_request, response) => response.writeHead(200, { 'content-length': 9 }).end('cut')
};

function echo(request, response, body) {
  const { method, url, headers } = request;
  send(response, { pid: process.pid, leases, method, url, headers, body });
}

function send(response, document) {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
}

rmSync(socket, { force: true });
process.umask(0o177);
createServer(async (request, response) => {
  const chunks = await request.toArray();
  const answer = answers[request.url.split('?')[0]] ?? echo;
  answer(request, response, Buffer.concat(chunks).toString());
}).listen(socket);
