import type { ServerResponse } from 'node:http';
import { serveApi, type ServedApi } from './fixtures/served-api.ts';

let api: ServedApi;
beforeEach(async () => {
  api = await serveApi();
});
afterEach(() => api.end());

describe('leases', () => {
  it('are counted while their requests are open', async () => {
    const counts: number[] = [];
    const changed = (count: number) =>
      new Promise<void>(resolve => {
        api.leases.onChange = now => {
          counts.push(now);
          if (now === count) resolve();
        };
      });
    const end = await api.client.lease();
    const endOther = await api.client.lease();
    expect((await api.client.status()).leases).toBe(2);
    const gone = changed(0);
    end();
    endOther();
    await gone;
    expect(counts).toEqual([1, 0]);
  });

  it('are not held where the daemon refuses them', async () => {
    api.server.removeAllListeners('request');
    const error = { code: 'api/not-found', message: 'no leases here' };
    api.server.on('request', (_, response: ServerResponse) => {
      response.writeHead(404).end(JSON.stringify({ error }));
    });
    await expect(api.client.lease()).rejects.toMatchObject(error);
  });
});
