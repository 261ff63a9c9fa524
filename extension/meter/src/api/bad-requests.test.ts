import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { json, serveApi, type ServedApi } from './fixtures/served-api.ts';

let api: ServedApi;
beforeEach(async () => {
  api = await serveApi();
});
afterEach(() => api.end());

describe('the api, asked badly,', () => {
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
    const answer = await api.raw(path, method, body, json);
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      status,
      { error: { code, message: expect.any(String) as string } }
    ]);
  });

  it('takes 1000 labels and refuses 1001', async () => {
    const label = { msg_id: 'm', notebook: '/a.ipynb', cell_id: 'c' };
    const body = (n: number) => JSON.stringify({ labels: Array(n).fill(label) });
    expect((await api.raw('/v1/labels', 'POST', body(1000), json)).status).toBe(204);
    expect((await api.raw('/v1/labels', 'POST', body(1001), json)).status).toBe(400);
  });

  it('refuses a body over 1 MiB, whether its length is told or not', async () => {
    const size = 2 ** 20 + 1;
    const headers = { ...json, 'content-length': String(size) };
    const told = request({ socketPath: api.socket, path: '/v1/labels', method: 'POST', headers });
    told.flushHeaders();
    const [refused] = (await once(told, 'response')) as [IncomingMessage];
    expect(refused.statusCode).toBe(413);
    told.on('error', () => {}).destroy();
    const untold = { ...json, 'transfer-encoding': 'chunked' };
    const body = Buffer.alloc(size, 0x20);
    expect((await api.raw('/v1/labels', 'POST', body, untold)).status).toBe(413);
  });

  it('survives a client that speaks no HTTP', async () => {
    const noise = connect(api.socket);
    const closed = new Promise(resolve => noise.on('error', () => {}).once('close', resolve));
    noise.resume().end(Buffer.alloc(70_000, 0xff));
    await closed;
    expect((await api.client.status()).version).toBe('0.1.0');
  });
});
