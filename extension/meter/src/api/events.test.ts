import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { execution, running } from '../store/fixtures/executions.ts';
import { serveApi, type ServedApi, until } from './fixtures/served-api.ts';

let api: ServedApi;
beforeEach(async () => {
  api = await serveApi();
});
afterEach(() => api.end());

describe('events', () => {
  it('tell an execution again when it learns late which cell it is of', async () => {
    const stream = api.client.events();
    await until(stream, 'power');
    api.meter.emit('finished', execution(1));
    const label = { msg_id: execution(1).msg_id, notebook: '/b.ipynb', cell_id: 'b' };
    await api.client.send('POST', '/v1/labels', { labels: [label] });
    await until(stream, 'finished');
    const { event } = await until(stream, 'finished');
    expect(event.data).toEqual({ ...execution(1), notebook: '/b.ipynb', cell_id: 'b' });
    await stream.return(undefined);
  });

  it('tell starts, progress, ends and power as they happen', async () => {
    const stream = api.client.events();
    await until(stream, 'power');
    api.meter.emit('started', running(1));
    api.meter.emit('progress', running(1, { cpu_seconds: 7 }));
    api.meter.emit('finished', execution(1));
    const { event, seen } = await until(stream, 'finished');
    expect(event.data).toEqual(execution(1));
    expect(seen.map(({ name }) => name)).toEqual(['started', 'progress', 'finished']);
    api.meter.emit('power', api.meter.power());
    expect((await until(stream, 'power')).event.data).toEqual(api.meter.power());
    await stream.return(undefined);
  });

  it('resume after the last id without loss', async () => {
    api.meter.emit('started', running(0));
    for (let n = 1; n < 1000; n++) api.meter.emit('finished', execution(n));
    const answer = request({
      ...{ socketPath: api.socket, path: '/v1/events', agent: false },
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
    expect(api.meter.listenerCount('power')).toBe(0);
    const stream = api.client.events();
    await until(stream, 'power');
    expect(api.meter.listenerCount('power')).toBe(1);
    const quiet = new Promise<void>(resolve => {
      const before = api.events.onChange;
      api.events.onChange = count => {
        before(count);
        resolve();
      };
    });
    await stream.return(undefined);
    await quiet;
    expect(api.meter.listenerCount('power')).toBe(0);
  });

  it('drop a client that does not read, and nobody else', async () => {
    const slow = connect(api.socket);
    slow.write('GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(slow, 'readable');
    slow.pause();
    const stream = api.client.events();
    await until(stream, 'power');
    expect(api.events.count).toBe(2);
    let read = 0;
    for (let sent = 0; api.events.count === 2 && sent < 20_000;) {
      for (const goal = sent + 100; sent < goal; sent++)
        api.meter.emit('finished', execution(sent));
      for (; read < sent; read++) await until(stream, 'finished');
    }
    expect(api.events.count).toBe(1);
    api.meter.emit('finished', execution(30_000));
    expect((await until(stream, 'finished')).event.data).toEqual(execution(30_000));
    slow.destroy();
    await stream.return(undefined);
  });
});
