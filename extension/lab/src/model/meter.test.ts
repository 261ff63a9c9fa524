import type { Power, Status } from '../api/types';
import { LabError } from '../errors';
import { type Connection, type MeterApi, MeterModel } from './meter';

const status = (version: string): Status => ({
  version,
  serves: 'user',
  pid: 1,
  started_at: '2026-11-23T00:00:00Z',
  node: 'v24',
  policy: 'active',
  sensors: [],
  kernels: []
});

/** A daemon that answers `version` and says `texts` on its event stream. */
function daemon(version: string, texts: string[]): MeterApi {
  return {
    status: () => Promise.resolve(status(version)),
    async *events(_id, signal) {
      yield* texts;
      await new Promise(resolve => signal.addEventListener('abort', resolve));
    }
  };
}

function connected(model: MeterModel): Promise<Connection> {
  return new Promise(resolve => {
    model.connectionChanged.connect((_, connection) => resolve(connection));
    model.start();
  });
}

describe('MeterModel', () => {
  it('is live once the daemon has said who it is', async () => {
    const model = new MeterModel(daemon('0.1.0', [': hello\n\n']));
    expect(await connected(model)).toEqual({ state: 'live' });
    model.dispose();
  });
  it('says of an old daemon which version it has', async () => {
    const model = new MeterModel(daemon('0.0.9', [': hello\n\n']));
    expect(await connected(model)).toEqual({ state: 'old', version: '0.0.9' });
    model.dispose();
  });
  it('keeps the error of a server without a meter', async () => {
    const error = new LabError('api/absent', 'status answered 404');
    const model = new MeterModel({
      status: () => Promise.reject(error),
      events: () => {
        throw error;
      }
    });
    expect(await connected(model)).toEqual({ state: 'lost', error });
    model.dispose();
  });
  it('collects power, and reckons with a daemon whose clock is wrong', async () => {
    const watts = { watts: 12, low: 11, high: 13, kind: 'measured' as const };
    const power: Power = { at: '2001-01-01T00:00:00.000000Z', domains: [], total: watts };
    const model = new MeterModel(
      daemon('0.1.0', [`event: power\ndata: ${JSON.stringify(power)}\n\nevent: power\ndata: {\n\n`])
    );
    await connected(model);
    expect(model.power).toHaveLength(1);
    expect(model.now?.total.watts).toBe(12);
    expect(Math.abs(model.pageTime(power.at) - Date.now())).toBeLessThan(60_000);
    model.dispose();
  });
  it('puts readings that come in one piece where they were taken', async () => {
    const watts = { watts: 12, low: 11, high: 13, kind: 'measured' as const };
    const text = [0, 1, 2].map(second => {
      const power: Power = { at: `2001-01-01T00:00:0${second}Z`, domains: [], total: watts };
      return `event: power\ndata: ${JSON.stringify(power)}\n\n`;
    });
    const model = new MeterModel(daemon('0.1.0', [text.join('')]));
    await connected(model);
    const [first, , last] = model.power;
    expect((last?.at ?? 0) - (first?.at ?? 0)).toBeCloseTo(2_000, -2);
    expect(Math.abs((last?.at ?? 0) - Date.now())).toBeLessThan(60_000);
    model.dispose();
  });
});
