import { MeterError } from '../../errors.ts';
import { askText } from './ask-json.ts';
import { areas, sources } from './entsoe-codes.ts';
import type { LiveService } from './service.ts';

const hourMs = 3_600_000;

/** Europe's generation by source, from which we compute the average intensity of what is generated in a zone. */
export const entsoe: LiveService = {
  name: 'entsoe',
  title: 'ENTSO-E Transparency Platform, actual generation per type, with the factors of IPCC AR5',
  licence: 'CC-BY-4.0',
  base: 'https://web-api.tp.entsoe.eu',
  needs: ['key'],
  /** Asks for the last hours, and weighs the newest. */
  async ask({ base, keys, zone, now }) {
    const area = areas[zone];
    if (area === undefined) {
      throw new MeterError('impact/service', `entsoe has no area for zone ${zone}`);
    }
    const url = new URL(`${base}/api`);
    const hour = Math.floor(now.getTime() / hourMs) * hourMs;
    for (const [name, value] of Object.entries({
      securityToken: keys['key'] ?? '',
      documentType: 'A75',
      processType: 'A16',
      in_Domain: area,
      periodStart: stamp(hour - 5 * hourMs),
      periodEnd: stamp(hour)
    })) {
      url.searchParams.set(name, value);
    }
    const { grams, carbonFree, at } = intensityOf(await askText(url));
    return { grams, carbonFree, at, basis: 'average', forecast: [] };
  }
};

/** `yyyyMMddHHmm` in UTC. */
function stamp(at: number): string {
  return new Date(at).toISOString().replaceAll(/[-T:]/g, '').slice(0, 12);
}

interface Generation {
  source: string;
  megawatts: number;
  endsAt: number;
}

function intensityOf(xml: string): { grams: number; carbonFree: number; at: string } {
  const all = generationsOf(xml);
  const latest = Math.max(...all.map(({ endsAt }) => endsAt));
  // A source whose report ends earlier has not been told yet for the last hour: all must be of one time.
  const common = all.filter(({ endsAt }) => endsAt === latest);
  const total = common.reduce((sum, { megawatts }) => sum + megawatts, 0);
  if (!(total > 0)) {
    const why = /<text>([^<]{1,200})<\/text>/.exec(xml)?.[1] ?? 'no generation in its answer';
    throw new MeterError('impact/service', `entsoe: ${why}`);
  }
  const mean = (of: (source: string) => number) =>
    common.reduce((sum, { source, megawatts }) => sum + megawatts * of(source), 0) / total;
  return {
    grams: mean(source => sources[source]?.grams ?? sources['B20'].grams),
    carbonFree: mean(source => (sources[source]?.fossil === false ? 1 : 0)),
    at: new Date(latest - hourMs).toISOString()
  };
}

/** The last point of each source's last period; what pumped storage takes in is no generation. */
function generationsOf(xml: string): Generation[] {
  return [...xml.matchAll(/<TimeSeries>([\s\S]*?)<\/TimeSeries>/g)].flatMap(([, series = '']) => {
    if (series.includes('outBiddingZone_Domain')) return [];
    const source = /<psrType>(B\d\d)<\/psrType>/.exec(series)?.[1];
    const period = [...series.matchAll(/<Period>([\s\S]*?)<\/Period>/g)].at(-1)?.[1] ?? '';
    const end = Date.parse(/<end>([^<]+)<\/end>/.exec(period)?.[1] ?? '');
    const quantity = [...period.matchAll(/<quantity>([^<]+)<\/quantity>/g)].at(-1)?.[1];
    const megawatts = Number(quantity ?? NaN);
    if (source === undefined || !(megawatts >= 0) || Number.isNaN(end)) return [];
    return [{ source, megawatts, endsAt: end }];
  });
}
