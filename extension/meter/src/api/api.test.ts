import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import type { Execution } from '../execution.ts';
import { ProcessTree } from '../kernels/process-tree.ts';
import { Ledger } from '../ledger/ledger.ts';
import { Measures } from '../measures.ts';
import { execution, running } from '../store/fixtures/executions.ts';
import { Store } from '../store/store.ts';
import { impactOf } from '../impact/impact.ts';
import { placesOf } from '../paths.ts';
import { createApp } from './app.ts';
import { ApiClient } from './client.ts';
import { EventHub } from './event-hub.ts';
import { SmallMeter } from './fixtures/small-meter.ts';
import { Leases } from './leases.ts';
import { Metrics } from './metrics.ts';
import { Recorder } from './recorder.ts';
import { close, listen } from './server.ts';
import { defaultSettings } from '../store/settings.ts';

let folder: string;
let socket: string;
let server: Server;
let meter: SmallMeter;
let store: Store;
let events: EventHub;
let leases: Leases;
let client: ApiClient;
const logged: string[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'joulebook-api-'));
  socket = join(folder, 'meter.sock');
  meter = new SmallMeter();
  const defaults = defaultSettings({});
  store = new Store({ path: join(folder, 'history.sqlite'), owner: 'lock', boot: 'b', defaults });
  events = new EventHub();
  leases = new Leases();
  const metrics = new Metrics();
  metrics.observe(meter, store);
  const impact = impactOf(() => store.settings().impact, placesOf({ HOME: folder }), {});
  const recorder = new Recorder(meter, store, events, metrics, () => impact.record());
  const context = {
    ...{ meter, store, recorder, events, leases, metrics, impact },
    ...{ version: '0.1.0', serves: 'user' as const, startedAt: '2026-01-01T00:00:00.000Z' }
  };
  server = await listen(
    createApp(context, message => logged.push(message)),
    socket
  );
  client = new ApiClient(socket);
});
afterEach(async () => {
  events.end();
  leases.end();
  await close(server, 10);
  store.close();
  rmSync(folder, { recursive: true });
});

/** Sends a request as is; answers status and body. */
async function raw(path: string, method = 'GET', body?: string | Buffer, headers = {}) {
  const sent = request({ socketPath: socket, path, method, headers, agent: false });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode, text, headers: response.headers };
}

const json = { 'content-type': 'application/json' };

/** Reads events until one of this name; answers it and what came before. */
async function until(stream: ReturnType<ApiClient['events']>, name: string) {
  const seen: { name: string; data: unknown; id?: string }[] = [];
  for (;;) {
    const next = await stream.next();
    if (next.done) throw new Error(`expected ${name}, got ${JSON.stringify(seen)}`);
    seen.push(next.value);
    if (next.value.name === name) return { event: next.value, seen };
  }
}

describe('the api', () => {
  it('listens on a socket that only its user may open', () => {
    expect(statSync(socket).mode & 0o777).toBe(0o600);
  });

  it('tells status and power', async () => {
    expect(await client.status()).toMatchObject({
      version: '0.1.0',
      pid: process.pid,
      policy: 'active',
      sensors: [{ id: 'powercap:intel-rapl:0', state: 'active' }],
      counts: { bad_signatures: 1 },
      history: { state: 'file', waiting: 0 }
    });
    expect(await client.get('/v1/power')).toEqual(meter.power());
  });

  it('stores what the meter tells and serves it by query', async () => {
    for (let n = 0; n < 30; n++) meter.emit('finished', execution(n));
    const seen: Execution[] = [];
    for await (const page of client.executions({ kernel_id: 'kernel-3' }, 1)) seen.push(...page);
    expect(seen).toEqual([execution(3), execution(23)]);
    expect(await client.get(`/v1/executions/${execution(7).id}`)).toEqual(execution(7));
    const query = `?status=ok&since=${execution(28).started_at}&order=desc`;
    const { executions } = await client.get<{ executions: Execution[] }>(`/v1/executions${query}`);
    expect(executions).toEqual([execution(29), execution(28)]);
  });

  it('names cells by labels, in the store and in the meter', async () => {
    meter.emit('started', running(1, { notebook: null, cell_id: null }));
    const label = { msg_id: 'message-1', notebook: '/a.ipynb', cell_id: 'c' };
    await client.send('POST', '/v1/labels', { labels: [label] });
    expect(meter.labels).toEqual([label]);
    expect(await client.get(`/v1/executions/${running(1).id}`)).toMatchObject({ cell_id: 'c' });
  });

  it('says of blocks how many may be open, where one is too many', async () => {
    const ledger = new Ledger({ policy: 'active', clockErrorNs: 0 });
    const part = { domainOf: () => 'package' as const, edge: () => {}, settle: () => {} };
    const measures = new Measures({ ledger, ...part });
    const kernel = { id: 'k', tree: new ProcessTree(process.pid) };
    const about = { kernel, record: undefined, user: process.getuid?.() ?? 0 };
    let opened = 0;
    const open = (block: { pid: number; label: string }) =>
      measures.open({ ...block, ...about, id: String(opened++) });
    while (measures.size < 1000) open({ pid: process.pid, label: 'epoch' });
    meter.openMeasure = open;
    const body = { pid: process.pid, label: 'one more' };
    await expect(client.send('POST', '/v1/measures', body)).rejects.toMatchObject({
      code: 'measure/too-many',
      message: expect.stringMatching(/at most 1000 open.*"one more"; end some/) as string
    });
    expect((await raw('/v1/measures', 'POST', JSON.stringify(body), json)).status).toBe(429);
    measures.stop();
    kernel.tree.close();
  });

  it('opens and ends measures', async () => {
    const body = { pid: process.pid, label: 'epoch' };
    const { id } = await client.send<{ id: string }>('POST', '/v1/measures', body);
    const result = await client.send('POST', `/v1/measures/${id}/end`, {});
    expect(result).toMatchObject({ label: 'epoch', joules: 2, seconds: 2e-6 });
  });

  it('changes settings with effect at once, and tells clients', async () => {
    const stream = client.events();
    await until(stream, 'power');
    await client.send('PUT', '/v1/settings', { policy: 'exclusive' });
    expect(meter.policy).toBe('exclusive');
    const { event } = await until(stream, 'settings');
    expect(event.data).toEqual({ ...defaultSettings({}), policy: 'exclusive' });
    expect(await client.get('/v1/settings')).toEqual(event.data);
    await stream.return(undefined);
  });

  it('changes the policy of one kernel, and not of the others', async () => {
    meter.kernels = [
      {
        kernel_id: 'k 1',
        kernel_name: 'python3',
        connection_file: '/kernel.json',
        pid: 1,
        notebook: null,
        state: 'idle',
        watts: null,
        remote: false
      }
    ];
    await client.send('PUT', '/v1/kernels/k%201/policy', { policy: 'exclusive' });
    expect([...meter.policies]).toEqual([['k 1', 'exclusive']]);
    expect(meter.policy).toBe('active');
    const unknown = await raw('/v1/kernels/k2/policy', 'PUT', '{"policy": "active"}', json);
    expect(unknown.status).toBe(404);
  });

  it('looks for sensors when asked', async () => {
    await client.send('POST', '/v1/sensors/discover', {});
    expect(meter.discoveries).toBe(1);
  });

  it.each([
    ['/v1/executions?limit=10001', 'GET', undefined, 400, 'api/bad-request'],
    ['/v1/executions?limit=-1', 'GET', undefined, 400, 'api/bad-request'],
    ['/v1/executions?since=yesterday', 'GET', undefined, 400, 'api/bad-request'],
    ['/v1/executions?order=sideways', 'GET', undefined, 400, 'api/bad-request'],
    ['/v1/executions/none', 'GET', undefined, 404, 'api/not-found'],
    ['/v1/nothing', 'GET', undefined, 404, 'api/not-found'],
    ['/v1/executions/%ff', 'GET', undefined, 400, 'api/bad-request'],
    ['/v1/labels', 'POST', '{"labels": [{}]}', 400, 'api/bad-request'],
    ['/v1/labels', 'POST', 'not json', 400, 'api/bad-request'],
    ['/v1/labels', 'POST', undefined, 400, 'api/bad-request'],
    ['/v1/measures', 'POST', '{"pid": 1, "label": "x"}', 409, 'measure/not-a-kernel'],
    ['/v1/measures/none/end', 'POST', '{}', 404, 'measure/unknown'],
    ['/v1/settings', 'PUT', '{"policy": "free"}', 400, 'api/bad-request'],
    ['/v1/settings', 'PUT', '{"impact": {"zone": "Atlantis"}}', 400, 'impact/zone'],
    ['/v1/settings', 'PUT', '{"impact": {"supplier_grams_per_kwh": -1}}', 400, 'impact/setting'],
    ['/v1/settings', 'PUT', '{"impact": {"pue": 0.5}}', 400, 'impact/setting'],
    [
      '/v1/settings',
      'PUT',
      '{"impact": {"device": {"embodied_kg": 200, "lifetime_years": 0}}}',
      400,
      'impact/setting'
    ],
    ['/v1/settings', 'PUT', '{"retention_days": 1.5}', 400, 'api/bad-request']
  ])('answers %s %s %s with a coded error', async (path, method, body, status, code) => {
    const answer = await raw(path, method, body, json);
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      status,
      { error: { code, message: expect.any(String) as string } }
    ]);
  });

  it('takes 1000 labels and refuses 1001', async () => {
    const label = { msg_id: 'm', notebook: '/a.ipynb', cell_id: 'c' };
    const body = (n: number) => JSON.stringify({ labels: Array(n).fill(label) });
    expect((await raw('/v1/labels', 'POST', body(1000), json)).status).toBe(204);
    expect((await raw('/v1/labels', 'POST', body(1001), json)).status).toBe(400);
  });

  it('refuses a body over 1 MiB, whether its length is told or not', async () => {
    const size = 2 ** 20 + 1;
    const headers = { ...json, 'content-length': String(size) };
    const told = request({ socketPath: socket, path: '/v1/labels', method: 'POST', headers });
    told.flushHeaders();
    const [refused] = (await once(told, 'response')) as [IncomingMessage];
    expect(refused.statusCode).toBe(413);
    told.on('error', () => {}).destroy();
    const untold = { ...json, 'transfer-encoding': 'chunked' };
    const body = Buffer.alloc(size, 0x20);
    expect((await raw('/v1/labels', 'POST', body, untold)).status).toBe(413);
  });

  it('survives a client that speaks no HTTP', async () => {
    const noise = connect(socket);
    const closed = new Promise(resolve => noise.on('error', () => {}).once('close', resolve));
    noise.resume().end(Buffer.alloc(70_000, 0xff));
    await closed;
    expect((await client.status()).version).toBe('0.1.0');
  });

  it('describes itself with the schemas that it checks with', async () => {
    const document = await client.get<{
      paths: Record<string, object>;
      components: { schemas: Record<string, object> };
    }>('/openapi.json');
    expect(Object.keys(document.paths).sort()).toEqual([
      '/metrics',
      '/v1/events',
      '/v1/executions',
      '/v1/executions/{id}',
      '/v1/impact',
      '/v1/impact/zones',
      '/v1/kernels/{kernel_id}/policy',
      '/v1/labels',
      '/v1/lease',
      '/v1/measures',
      '/v1/measures/{id}',
      '/v1/measures/{id}/end',
      '/v1/power',
      '/v1/sensors/discover',
      '/v1/settings',
      '/v1/status'
    ]);
    expect(document.components.schemas['Execution']).toMatchObject({
      properties: { total: { $ref: '#/components/schemas/Energy' } }
    });
  });
});

describe('events', () => {
  it('tell an execution again when it learns late which cell it is of', async () => {
    const stream = client.events();
    await until(stream, 'power');
    meter.emit('finished', execution(1));
    const label = { msg_id: execution(1).msg_id, notebook: '/b.ipynb', cell_id: 'b' };
    await client.send('POST', '/v1/labels', { labels: [label] });
    await until(stream, 'finished');
    const { event } = await until(stream, 'finished');
    expect(event.data).toEqual({ ...execution(1), notebook: '/b.ipynb', cell_id: 'b' });
    await stream.return(undefined);
  });

  it('tell starts, progress, ends and power as they happen', async () => {
    const stream = client.events();
    await until(stream, 'power');
    meter.emit('started', running(1));
    meter.emit('progress', running(1, { cpu_seconds: 7 }));
    meter.emit('finished', execution(1));
    const { event, seen } = await until(stream, 'finished');
    expect(event.data).toEqual(execution(1));
    expect(seen.map(({ name }) => name)).toEqual(['started', 'progress', 'finished']);
    meter.emit('power', meter.power());
    expect((await until(stream, 'power')).event.data).toEqual(meter.power());
    await stream.return(undefined);
  });

  it('resume after the last id without loss', async () => {
    meter.emit('started', running(0));
    for (let n = 1; n < 1000; n++) meter.emit('finished', execution(n));
    const answer = request({
      ...{ socketPath: socket, path: '/v1/events', agent: false },
      headers: { 'last-event-id': '500' }
    }).end();
    const [response] = (await once(answer, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response) {
      text += String(chunk);
      if (text.includes('id: 1000\n')) break;
    }
    const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
    expect(ids).toEqual(Array.from({ length: 500 }, (_, n) => 501 + n));
  });

  it('work out power only while somebody listens', async () => {
    expect(meter.listenerCount('power')).toBe(0);
    const stream = client.events();
    await until(stream, 'power');
    expect(meter.listenerCount('power')).toBe(1);
    const quiet = new Promise<void>(resolve => {
      const before = events.onChange;
      events.onChange = count => {
        before(count);
        resolve();
      };
    });
    await stream.return(undefined);
    await quiet;
    expect(meter.listenerCount('power')).toBe(0);
  });

  it('drop a client that does not read, and nobody else', async () => {
    const slow = connect(socket);
    slow.write('GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(slow, 'readable');
    slow.pause();
    const stream = client.events();
    await until(stream, 'power');
    expect(events.count).toBe(2);
    let read = 0;
    for (let sent = 0; events.count === 2 && sent < 20_000;) {
      for (const goal = sent + 100; sent < goal; sent++) meter.emit('finished', execution(sent));
      for (; read < sent; read++) await until(stream, 'finished');
    }
    expect(events.count).toBe(1);
    meter.emit('finished', execution(30_000));
    expect((await until(stream, 'finished')).event.data).toEqual(execution(30_000));
    slow.destroy();
    await stream.return(undefined);
  });
});

describe('leases', () => {
  it('are counted while their requests are open', async () => {
    const counts: number[] = [];
    const changed = (count: number) =>
      new Promise<void>(resolve => {
        leases.onChange = now => {
          counts.push(now);
          if (now === count) resolve();
        };
      });
    const end = await client.lease();
    const endOther = await client.lease();
    expect((await client.status()).leases).toBe(2);
    const gone = changed(0);
    end();
    endOther();
    await gone;
    expect(counts).toEqual([1, 0]);
  });

  it('are not held where the daemon refuses them', async () => {
    server.removeAllListeners('request');
    const error = { code: 'api/not-found', message: 'no leases here' };
    server.on('request', (_, response: ServerResponse) => {
      response.writeHead(404).end(JSON.stringify({ error }));
    });
    await expect(client.lease()).rejects.toMatchObject(error);
  });
});

describe('metrics', () => {
  it('count joules by kernel, notebook and domain, without what lies inside another domain', async () => {
    const [domain] = execution(1).domains;
    if (domain === undefined) throw new Error('expected a domain');
    const core = { ...domain, domain: 'core' as const, contained: true };
    meter.emit('finished', execution(1, { domains: [domain, core] }));
    meter.emit('finished', execution(21));
    const { text, headers } = await raw('/metrics');
    expect(headers['content-type']).toContain('version=0.0.4');
    const lines = text.split('\n');
    const kernel = 'kernel_id="kernel-1",kernel_name="python3",kind="measured"';
    expect(lines).toContain(`joulebook_kernel_energy_joules_total{${kernel}} 24`);
    expect(lines).toContain('joulebook_energy_joules_total{domain="package",kind="measured"} 24');
    const notebook = 'notebook="/home/ada/notebook-1.ipynb",kind="measured"';
    expect(lines).toContain(`joulebook_notebook_energy_joules_total{${notebook}} 24`);
    expect(lines).toContain('joulebook_power_watts{domain="package",kind="measured"} 12');
    expect(text).not.toContain('domain="core"');
  });

  it('stay bounded however many kernels and notebooks there are', async () => {
    for (let n = 0; n < 600; n++) {
      meter.emit('finished', execution(n, { kernel_id: `k${n}`, notebook: `/${n}.ipynb` }));
    }
    const { text } = await raw('/metrics');
    const count = (name: string) => text.split('\n').filter(line => line.startsWith(name)).length;
    expect(count('joulebook_kernel_energy_joules_total{')).toBe(501);
    expect(count('joulebook_notebook_energy_joules_total{')).toBe(501);
  });
});
