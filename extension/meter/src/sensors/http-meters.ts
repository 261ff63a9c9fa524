import { monotonicNs } from '../clock.ts';
import { MeterError, reasonOf } from '../errors.ts';
import type { SensorStatus } from '../execution.ts';
import type { LivePace } from './reader-protocol.ts';
import type { Discovery, Domain, Reading, SensorPlace } from './sensor.ts';
import { SUSPENDED, SuspendWatch } from './suspend.ts';

const hotMs = 1_000;
const coldMs = 5_000;
const timeoutMs = 2_000;
/** A plug's power is a mean of about a second and it knows it to 1 %; what swings between is missed. */
const sampled = { relativeLow: 0.9, relativeHigh: 1.1 };
const domains: readonly Domain[] = ['wall', 'psys', 'package', 'dram', 'gpu'];

/** A meter on the network: a Shelly plug, or a query to a Prometheus server. */
interface HttpMeter {
  kind: 'shelly' | 'prometheus';
  url: URL;
  domain: Domain;
  /** What the number is: power, or an ever-growing energy. */
  unit: 'watts' | 'joules';
}

/**
 * Finds meters on the network in a list such as
 * `shelly=http://192.168.1.7,prometheus=http://host:9090?query=node_power_watts&domain=wall`, with
 * `domain` (default `wall`) and `unit` (`watts`, the default, or `joules`) as parameters. The
 * Prometheus query must give one number: of Kepler, Scaphandre or an IPMI exporter, for instance.
 */
export function discoverHttpMeters(list: string): Discovery {
  const discovery: Discovery = { places: [], statuses: [] };
  for (const entry of list.split(',').filter(Boolean)) {
    try {
      const meter = parseMeter(entry.trim());
      const place = placeOf(meter);
      discovery.places.push(place);
      const { id, domain, device, kind } = place.description;
      const detail = `asks ${meter.url.host} once a second`;
      discovery.statuses.push({ id, domain, device, kind, state: 'active', detail });
    } catch (error) {
      discovery.statuses.push(badEntry(entry, reasonOf(error)));
    }
  }
  return discovery;
}

/** Asks the meters on the network, from the main thread, and turns answers into readings. */
export class HttpMeters {
  readonly #onReadings: (readings: Reading[]) => void;
  readonly #asking = new Map<string, { stop: () => void; soon: () => void }>();
  #isHot = false;

  constructor(onReadings: (readings: Reading[]) => void) {
    this.#onReadings = onReadings;
  }

  /** Asks a meter from now on. */
  add(place: SensorPlace): void {
    const { id } = place.description;
    const meter = meterOf(place);
    let timer: NodeJS.Timeout | undefined;
    let isStopped = false;
    let microjoules = 0;
    let last: { atNs: number; watts: number } | undefined;
    const watch = new SuspendWatch();
    const ask = async () => {
      const beforeNs = monotonicNs();
      if (watch.hasSlept()) {
        last = undefined;
        this.#onReadings([{ sensorId: id, beforeNs, afterNs: beforeNs, gap: SUSPENDED }]);
      }
      let reading: Reading;
      try {
        const value = await askMeter(meter);
        const afterNs = monotonicNs();
        const atNs = (beforeNs + afterNs) / 2;
        if (meter.unit === 'joules') microjoules = Math.round(value * 1e6);
        else {
          const seconds = last ? (atNs - last.atNs) / 1e9 : 0;
          microjoules += Math.round((((last?.watts ?? 0) + value) / 2) * seconds * 1e6);
          last = { atNs, watts: value };
        }
        reading = { sensorId: id, beforeNs, afterNs, microjoules };
      } catch (error) {
        last = undefined;
        reading = { sensorId: id, beforeNs, afterNs: monotonicNs(), gap: reasonOf(error) };
      }
      if (isStopped) return;
      this.#onReadings([reading]);
      timer = setTimeout(() => void ask(), this.#isHot ? hotMs : coldMs);
      timer.unref();
    };
    const soon = () => {
      if (!timer) return;
      clearTimeout(timer);
      timer = undefined;
      void ask();
    };
    this.#asking.set(id, { soon, stop: () => ((isStopped = true), clearTimeout(timer)) });
    void ask();
  }

  /** Asks a meter no more. */
  remove(sensorId: string): void {
    this.#asking.get(sensorId)?.stop();
    this.#asking.delete(sensorId);
  }

  /** Asks every second while a kernel is hot, every five otherwise. */
  setPace(pace: LivePace): void {
    const isHot = pace !== 'cold';
    if (isHot && !this.#isHot) this.edge();
    this.#isHot = isHot;
  }

  /** A window begins or ends: asks at once, unless an answer is under way. */
  edge(): void {
    for (const { soon } of this.#asking.values()) soon();
  }

  /** Stops asking. */
  stop(): void {
    for (const { stop } of this.#asking.values()) stop();
    this.#asking.clear();
  }
}

async function askMeter({ kind, url }: HttpMeter): Promise<number> {
  if (kind === 'shelly') return askShelly(url);
  const query = new URL('/api/v1/query', url);
  query.searchParams.set('query', url.searchParams.get('query') ?? '');
  const value = find(await getJson(query), ['data', 'result', '0', 'value', '1']);
  return numberOf(value, query, 'data.result[0].value[1]');
}

/** Second-generation plugs speak RPC; first-generation ones have /meter/0. */
async function askShelly(url: URL): Promise<number> {
  const rpc = new URL('/rpc/Switch.GetStatus?id=0', url);
  const answer = await getJson(rpc).catch(() => undefined);
  const power = find(answer, ['apower']);
  if (power !== undefined) return numberOf(power, rpc, 'apower');
  const old = new URL('/meter/0', url);
  return numberOf(find(await getJson(old), ['power']), old, 'power');
}

async function getJson(url: URL): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (response.ok) return response.json();
  throw new MeterError('sensor/unreadable', `${url.host} answered ${response.status}`);
}

function find(value: unknown, path: string[]): unknown {
  return path.reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined),
    value
  );
}

function numberOf(value: unknown, url: URL, where: string): number {
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw new MeterError(
    'sensor/unreadable',
    `expected a number in ${where} of ${url.host}, got ${JSON.stringify(value) ?? 'nothing'}`
  );
}

function parseMeter(entry: string): HttpMeter {
  const at = entry.indexOf('=');
  const kind = entry.slice(0, at);
  const url = URL.canParse(entry.slice(at + 1)) ? new URL(entry.slice(at + 1)) : undefined;
  if (
    (kind !== 'shelly' && kind !== 'prometheus') ||
    !/^https?:$/.test(url?.protocol ?? '') ||
    !url
  ) {
    throw new MeterError(
      'sensor/bad-address',
      `expected shelly=http://HOST or prometheus=http://HOST?query=..., got "${entry}"`
    );
  }
  const domain = domains.find(name => name === (url.searchParams.get('domain') ?? 'wall'));
  if (!domain) {
    throw new MeterError(
      'sensor/bad-address',
      `expected domain=${domains.join('|')}, got "${url.searchParams.get('domain')}"`
    );
  }
  const unit = url.searchParams.get('unit') === 'joules' ? 'joules' : 'watts';
  return { kind, url, domain, unit };
}

function placeOf({ kind, url, domain, unit }: HttpMeter): SensorPlace {
  return {
    source: 'http',
    description: {
      id: `${kind}:${url.host}:${domain}`,
      domain,
      device: `${kind} at ${url.host}`,
      kind: 'measured',
      unitMicrojoules: 1e5,
      periodNs: hotMs * 1e6,
      maxWatts: 5000,
      minWatts: 0,
      contained: false,
      ...sampled
    },
    address: { kind, url: url.href, unit }
  };
}

function meterOf({ description, address }: SensorPlace): HttpMeter {
  const kind = address.kind === 'shelly' ? 'shelly' : 'prometheus';
  const unit = address.unit === 'joules' ? 'joules' : 'watts';
  return { kind, url: new URL(String(address.url)), domain: description.domain, unit };
}

function badEntry(entry: string, detail: string): SensorStatus {
  return {
    id: `http:${entry}`,
    domain: 'wall',
    device: entry,
    kind: 'measured',
    state: 'failing',
    detail,
    remedy: 'correct JOULEBOOK_METERS and start the meter again'
  };
}
