import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  defaultImpactSettings,
  findZone,
  greenestWindow,
  type ImpactSettings
} from 'kernel-helpers/impact';
import {
  electricityMapsForecast,
  electricityMapsLatest,
  entsoeDocument,
  nesoAnswer,
  wattTimeForecast
} from './fixtures/answers.ts';
import { Impact } from './impact.ts';

const now = new Date('2026-11-24T12:10:00Z');
const at = now.getTime();
let folder: string;
let server: Server;
let requests: IncomingMessage[];
/** What the service answers, by path; a string is sent as it is. */
let answers: Record<string, unknown>;
let environment: Record<string, string>;
let settings: ImpactSettings;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'joulebook-impact-'));
  requests = [];
  answers = {};
  server = createServer((request, response) => {
    requests.push(request);
    const path = new URL(request.url ?? '', 'http://service').pathname;
    const answer = answers[path];
    response.statusCode = answer === undefined ? 404 : 200;
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer ?? {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  environment = Object.fromEntries(
    ['NESO', 'ELECTRICITYMAPS', 'WATTTIME', 'ENTSOE'].map(name => [`JOULEBOOK_${name}_URL`, url])
  );
  settings = { ...defaultImpactSettings, zone: 'GB', service: 'neso' };
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const cacheFile = () => join(folder, 'carbon.json');
const keysFile = () => join(folder, 'service-keys.json');
const impact = () =>
  new Impact(() => settings, { cacheFile: cacheFile(), keysFile: keysFile(), environment });
const nesoPath = '/intensity/2026-11-24T12:10Z/fw48h';

describe('impact without a network', () => {
  it('has no grams until a zone is chosen, and guesses none', async () => {
    settings = defaultImpactSettings;
    expect(await impact().now(now)).toMatchObject({
      ...{
        zone: null,
        carbon: null,
        carbon_year: null,
        carbon_free: null,
        market: null,
        forecast: []
      },
      pue: { value: 1 }
    });
    expect(requests).toHaveLength(0);
  });

  it('has the yearly figures of the zone, with their year and range', async () => {
    settings = { ...settings, service: 'offline' };
    const { carbon, zone_name, carbon_free } = await impact().now(now);
    expect(carbon).toMatchObject({
      ...{ value: 176, year: 2025, basis: 'average', service: 'offline', at: null, note: null }
    });
    expect([zone_name, carbon_free?.value]).toEqual(['Great Britain', 0.7]);
    expect(requests).toHaveLength(0);
  });

  it('shows the contract apart, takes solar power off both, and knows the device', async () => {
    settings = {
      ...{ ...settings, service: 'offline', own_solar_share: 0.5, supplier_grams_per_kwh: 20 },
      ...{ pue: 1.3, tariff: 0.25, currency: 'GBP' },
      device: { embodied_kg: 200, lifetime_years: 4 }
    };
    expect(await impact().now(now)).toMatchObject({
      ...{ carbon: { value: 88 }, market: { value: 10 }, pue: { value: 1.3 } },
      tariff: { value: 0.25, currency: 'GBP' },
      device: { value: 200, low: 100, high: 300, lifetime_years: 4, kind: 'attributed' },
      wue: { id: 'wue/unknown-data-centre' }
    });
    settings = { ...settings, wue: 0.3, device: { name: 'laptop', lifetime_years: 5 } };
    expect(await impact().now(now)).toMatchObject({
      wue: { value: 0.3, id: 'wue/setting' },
      device: { value: 236, low: 132, high: 315, lifetime_years: 5 }
    });
  });
});

describe('NESO', () => {
  it('tells now and the forecast, and is not asked again for ten minutes', async () => {
    answers[nesoPath] = nesoAnswer(at, [210, 180, 90], 205);
    const first = impact();
    const told = await first.now(now);
    expect(told.carbon).toMatchObject({ value: 205, service: 'neso', age_seconds: 600 });
    expect(told.carbon?.low).toBeCloseTo(205 * 0.85, 9);
    expect(told.forecast.map(span => span.grams_per_kwh)).toEqual([205, 180, 90]);
    await first.now(new Date(at + 300_000));
    expect(requests).toHaveLength(1);
  });

  it('is remembered by the next daemon, in a file that only its user may read', async () => {
    answers[nesoPath] = nesoAnswer(at, [210]);
    await impact().now(now);
    const { carbon } = await impact().now(new Date(at + 120_000));
    expect(carbon).toMatchObject({ value: 210, age_seconds: 720 });
    expect(requests).toHaveLength(1);
    expect(statSync(cacheFile()).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['no answer in its format', { data: 'none' }, /another format/],
    ['text', 'not json', /something else than JSON/],
    ['a negative intensity', nesoAnswer(at, [-5]), /-5 g\/kWh/],
    ['an absurd intensity', nesoAnswer(at, [123_456]), /123456 g\/kWh/],
    ['an absurd forecast', nesoAnswer(at, [100, 99_999]), /99999 g\/kWh for/],
    ['another day', nesoAnswer(at - 86_400_000, [100]), /without the half hour/],
    ['nothing', undefined, /status 404/]
  ])('is not believed when it answers with %s', async (_, answer, why) => {
    answers[nesoPath] = answer;
    const { carbon, forecast } = await impact().now(now);
    expect(carbon).toMatchObject({ value: findZone('GB').carbon.value, service: 'offline' });
    expect(carbon?.note).toMatch(why);
    expect(carbon?.note).toMatch(/offline yearly average instead/);
    expect(forecast).toEqual([]);
  });

  it('may be gone: its last answer serves for two hours, then the yearly figure', async () => {
    answers[nesoPath] = nesoAnswer(at, [210, 200, 190]);
    const same = impact();
    await same.now(now);
    answers = {};
    const hourLater = await same.now(new Date(at + 3_600_000));
    expect(hourLater.carbon).toMatchObject({ value: 210, age_seconds: 4200 });
    expect(hourLater.carbon?.note).toMatch(/failed.*its last answer/);
    expect((await same.now(new Date(at + 9_000_000))).carbon?.service).toBe('offline');
  });

  it('is left alone for five minutes after it failed, unless a setting changed', async () => {
    const same = impact();
    await Promise.all([same.now(now), same.now(now)]);
    await same.now(new Date(at + 60_000));
    expect(requests).toHaveLength(1);
    same.settingsChanged();
    await same.now(new Date(at + 60_000));
    expect(requests).toHaveLength(2);
  });

  it('does not use an answer of the future after the clock was set back', async () => {
    answers[nesoPath] = nesoAnswer(at, [210]);
    await impact().now(now);
    const { carbon } = await impact().now(new Date(at - 86_400_000));
    expect(carbon?.service).toBe('offline');
  });

  it('knows Great Britain only', async () => {
    settings = { ...settings, zone: 'FR' };
    expect((await impact().now(now)).carbon?.note).toMatch(/zone GB\) only, not FR/);
  });
});

describe('Electricity Maps', () => {
  beforeEach(() => {
    settings = { ...settings, zone: 'DE', service: 'electricitymaps' };
    answers['/v3/carbon-intensity/latest'] = electricityMapsLatest(at, 'DE', 302);
  });

  it('is not asked without a key', async () => {
    const { carbon } = await impact().now(now);
    expect(carbon?.note).toMatch(/needs a key: set JOULEBOOK_ELECTRICITYMAPS_KEY/);
    expect(requests).toHaveLength(0);
  });

  it('tells now, with the key in a header and the zone named', async () => {
    environment['JOULEBOOK_ELECTRICITYMAPS_KEY'] = 'secret-key';
    answers['/v3/carbon-intensity/forecast'] = electricityMapsForecast(at, 'DE', [300, 250]);
    const told = await impact().now(now);
    expect(told.carbon).toMatchObject({ value: 302, service: 'electricitymaps', note: null });
    expect(told.forecast.map(span => span.grams_per_kwh)).toEqual([300, 250]);
    expect(requests[0]?.headers['auth-token']).toBe('secret-key');
    expect(requests[0]?.url).toMatch(/zone=DE&shouldUseFallbackCallerLookup=false/);
    expect(JSON.stringify(told) + readFileSync(cacheFile(), 'utf8')).not.toContain('secret-key');
  });

  it('may forecast from the next quarter of an hour on: until then the value of now holds', async () => {
    environment['JOULEBOOK_ELECTRICITYMAPS_KEY'] = 'secret-key';
    const quarter = 900_000;
    const forecast = [290, 280, 270].map((carbonIntensity, n) => ({
      carbonIntensity,
      datetime: new Date(Date.parse('2026-11-24T12:15:00Z') + n * quarter).toISOString()
    }));
    answers['/v3/carbon-intensity/forecast'] = { zone: 'DE', forecast };
    const told = await impact().now(now);
    expect(told.forecast.map(({ from, to, grams_per_kwh }) => [from, to, grams_per_kwh])).toEqual([
      ['2026-11-24T12:00:00.000Z', '2026-11-24T12:15:00.000Z', 302],
      ['2026-11-24T12:15:00.000Z', '2026-11-24T12:30:00.000Z', 290],
      ['2026-11-24T12:30:00.000Z', '2026-11-24T12:45:00.000Z', 280],
      ['2026-11-24T12:45:00.000Z', '2026-11-24T13:00:00.000Z', 270]
    ]);
    expect(() =>
      greenestWindow(told.forecast, { seconds: 900, withinSeconds: 1800, now })
    ).not.toThrow();
  });

  it('is not believed when it answers for where the caller seems to be', async () => {
    environment['JOULEBOOK_ELECTRICITYMAPS_KEY'] = 'secret-key';
    answers['/v3/carbon-intensity/latest'] = electricityMapsLatest(at, 'FR', 30);
    expect((await impact().now(now)).carbon?.note).toMatch(/for FR instead of DE/);
  });

  it('takes the key from a file, if nobody else may read that', async () => {
    writeFileSync(keysFile(), JSON.stringify({ electricitymaps: { key: 'secret-key' } }));
    chmodSync(keysFile(), 0o644);
    expect((await impact().now(now)).carbon?.note).toMatch(/others may read .*chmod 600/);
    chmodSync(keysFile(), 0o600);
    expect((await impact().now(now)).carbon?.value).toBe(302);
    expect(requests[0]?.headers['auth-token']).toBe('secret-key');
  });
});

describe('WattTime', () => {
  it('tells what one more kWh causes, in grams', async () => {
    settings = { ...settings, zone: 'US-CAL-CISO', service: 'watttime' };
    environment['JOULEBOOK_WATTTIME_USER'] = 'ada';
    environment['JOULEBOOK_WATTTIME_PASSWORD'] = 'secret-word';
    environment['JOULEBOOK_WATTTIME_REGION'] = 'CAISO_NORTH';
    answers['/login'] = { token: 'a-token' };
    answers['/v3/forecast'] = wattTimeForecast(at, 'CAISO_NORTH', [870, 800]);
    const { carbon, forecast } = await impact().now(now);
    expect(carbon).toMatchObject({ basis: 'marginal', service: 'watttime' });
    expect(carbon?.value).toBeCloseTo(870 * 0.45359237, 9);
    expect(forecast).toHaveLength(2);
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([
      `Basic ${Buffer.from('ada:secret-word').toString('base64')}`,
      'Bearer a-token'
    ]);
  });
});

describe('ENTSO-E', () => {
  beforeEach(() => {
    settings = { ...settings, zone: 'FR', service: 'entsoe' };
    environment['JOULEBOOK_ENTSOE_KEY'] = 'secret-token';
  });

  it('gives the mix of the last hour, weighed', async () => {
    const noon = Date.parse('2026-11-24T12:00:00Z');
    answers['/api'] = entsoeDocument(noon, { B14: [1, 3000], B04: [1, 1000], B19: [1, 1000] });
    const { carbon, carbon_free } = await impact().now(now);
    expect(carbon?.value).toBeCloseTo((3000 * 12 + 1000 * 490 + 1000 * 11) / 5000, 9);
    expect(carbon?.low).toBeCloseTo((3000 * 5.1 + 1000 * 403 + 1000 * 7.8) / 5000, 9);
    expect(carbon?.high).toBeCloseTo((3000 * 12 + 1000 * 513 + 1000 * 16) / 5000, 9);
    expect(carbon?.at).toBe('2026-11-24T11:00:00.000Z');
    expect(carbon_free?.value).toBeCloseTo(0.8, 12);
    expect(requests[0]?.url).toMatch(/in_Domain=10YFR-RTE------C&periodStart=202611240700/);
  });

  it('takes the last hour for which nearly all sources have reported', async () => {
    const noon = Date.parse('2026-11-24T12:00:00Z');
    const [solar, rest] = [
      entsoeDocument(noon, { B16: [1, 900] }),
      entsoeDocument(noon - 3_600_000, { B05: [1, 2000], B14: [1, 1000] })
    ];
    answers['/api'] = solar.replace('</GL_MarketDocument>', rest);
    const { carbon } = await impact().now(now);
    expect(carbon?.value).toBeCloseTo((1 * 48 + 2000 * 820 + 1000 * 12) / 3001, 9);
    expect(carbon?.at).toBe('2026-11-24T10:00:00.000Z');
  });

  it('reads quarters of an hour of which repeated values are left out', async () => {
    const quarter = (position: number, megawatts: number) =>
      `<Point><position>${position}</position><quantity>${megawatts}</quantity></Point>`;
    const series = (code: string, points: string) =>
      `<TimeSeries><curveType>A03</curveType><MktPSRType><psrType>${code}</psrType></MktPSRType><Period><timeInterval>
      <start>2026-11-24T11:00Z</start><end>2026-11-24T12:00Z</end></timeInterval><resolution>PT15M</resolution>${points}</Period></TimeSeries>`;
    answers['/api'] =
      series('B14', quarter(1, 500) + quarter(2, 300)) +
      series('B04', quarter(1, 1) + quarter(4, 100));
    const { carbon } = await impact().now(now);
    expect(carbon?.value).toBeCloseTo((300 * 12 + 100 * 490) / 400, 9);
    expect(carbon?.at).toBe('2026-11-24T11:45:00.000Z');
  });

  it('tells nothing of the key when nobody answers', async () => {
    environment['JOULEBOOK_ENTSOE_URL'] = 'http://127.0.0.1:9';
    const { carbon } = await impact().now(now);
    expect(carbon?.note).toMatch(/entsoe failed \(127\.0\.0\.1:9\/api: no answer/);
    expect(JSON.stringify(carbon)).not.toContain('secret-token');
  });

  it('says why it has nothing, and never the key', async () => {
    answers['/api'] = '<Reason><code>999</code><text>No matching data found</text></Reason>';
    const { carbon } = await impact().now(now);
    expect(carbon?.note).toMatch(/No matching data found/);
    answers = {};
    const { carbon: again } = await impact().now(now);
    expect(again?.note).toMatch(/\/api answered with status 404/);
    expect(again?.note).not.toContain('secret-token');
  });
});
