import { statSync } from 'node:fs';
import type { Execution } from '../execution.ts';
import { ProcessTree } from '../kernels/process-tree.ts';
import { Ledger } from '../ledger/ledger.ts';
import { Measures } from '../measures.ts';
import { execution, running } from '../store/fixtures/executions.ts';
import { defaultSettings } from '../store/settings.ts';
import { json, serveApi, type ServedApi, until } from './fixtures/served-api.ts';

let api: ServedApi;
beforeEach(async () => {
  api = await serveApi();
});
afterEach(() => api.end());

describe('the api', () => {
  it('listens on a socket that only its user may open', () => {
    expect(statSync(api.socket).mode & 0o777).toBe(0o600);
  });

  it('tells status and power', async () => {
    expect(await api.client.status()).toMatchObject({
      version: '0.1.0',
      pid: process.pid,
      policy: 'active',
      sensors: [{ id: 'powercap:intel-rapl:0', state: 'active' }],
      counts: { bad_signatures: 1 },
      history: { state: 'file', waiting: 0 }
    });
    expect(await api.client.get('/v1/power')).toEqual(api.meter.power());
  });

  it('stores what the meter tells and serves it by query', async () => {
    for (let n = 0; n < 30; n++) api.meter.emit('finished', execution(n));
    const seen: Execution[] = [];
    for await (const page of api.client.executions({ kernel_id: 'kernel-3' }, 1))
      seen.push(...page);
    expect(seen).toEqual([execution(3), execution(23)]);
    expect(await api.client.get(`/v1/executions/${execution(7).id}`)).toEqual(execution(7));
    const query = `?status=ok&since=${execution(28).started_at}&order=desc`;
    const { executions } = await api.client.get<{ executions: Execution[] }>(
      `/v1/executions${query}`
    );
    expect(executions).toEqual([execution(29), execution(28)]);
  });

  it('names cells by labels, in the store and in the meter', async () => {
    api.meter.emit('started', running(1, { notebook: null, cell_id: null }));
    const label = { msg_id: 'message-1', notebook: '/a.ipynb', cell_id: 'c' };
    await api.client.send('POST', '/v1/labels', { labels: [label] });
    expect(api.meter.labels).toEqual([label]);
    expect(await api.client.get(`/v1/executions/${running(1).id}`)).toMatchObject({ cell_id: 'c' });
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
    api.meter.openMeasure = open;
    const body = { pid: process.pid, label: 'one more' };
    await expect(api.client.send('POST', '/v1/measures', body)).rejects.toMatchObject({
      code: 'measure/too-many',
      message: expect.stringMatching(/at most 1000 open.*"one more"; end some/) as string
    });
    expect((await api.raw('/v1/measures', 'POST', JSON.stringify(body), json)).status).toBe(429);
    measures.stop();
    kernel.tree.close();
  });

  it('opens and ends measures', async () => {
    const body = { pid: process.pid, label: 'epoch' };
    const { id } = await api.client.send<{ id: string }>('POST', '/v1/measures', body);
    const result = await api.client.send('POST', `/v1/measures/${id}/end`, {});
    expect(result).toMatchObject({ label: 'epoch', joules: 2, seconds: 2e-6 });
  });

  it('changes settings with effect at once, and tells clients', async () => {
    const stream = api.client.events();
    await until(stream, 'power');
    await api.client.send('PUT', '/v1/settings', { policy: 'exclusive' });
    expect(api.meter.policy).toBe('exclusive');
    const { event } = await until(stream, 'settings');
    expect(event.data).toEqual({ ...defaultSettings({}), policy: 'exclusive' });
    expect(await api.client.get('/v1/settings')).toEqual(event.data);
    await stream.return(undefined);
  });

  it('changes the policy of one kernel, and not of the others', async () => {
    api.meter.kernels = [
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
    await api.client.send('PUT', '/v1/kernels/k%201/policy', { policy: 'exclusive' });
    expect([...api.meter.policies]).toEqual([['k 1', 'exclusive']]);
    expect(api.meter.policy).toBe('active');
    const unknown = await api.raw('/v1/kernels/k2/policy', 'PUT', '{"policy": "active"}', json);
    expect(unknown.status).toBe(404);
  });

  it('looks for sensors when asked', async () => {
    await api.client.send('POST', '/v1/sensors/discover', {});
    expect(api.meter.discoveries).toBe(1);
  });

  it('describes itself with the schemas that it checks with', async () => {
    const document = await api.client.get<{
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
