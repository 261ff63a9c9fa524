import type { GenerationSource } from 'kernel-helpers/impact';
import { MeterError } from '../../errors.ts';
import { askText } from './ask-json.ts';
import { areas, sourceOf } from './entsoe-codes.ts';
import { reportsOf, type Report } from './entsoe-document.ts';
import type { LiveCarbon, LiveService } from './service.ts';

const hourMs = 3_600_000;

/** Europe's generation by source, from which we compute the average intensity of what is generated in a zone. */
export const entsoe: LiveService = {
  name: 'entsoe',
  title:
    'ENTSO-E Transparency Platform, actual generation per type, by the factors generation/… of joulebook sources',
  licence: 'CC-BY-4.0',
  base: 'https://web-api.tp.entsoe.eu',
  needs: ['key'],
  /** Asks for the last hours, and weighs the newest for which nearly all sources have reported. */
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
    return { ...intensityOf(await askText(url)), basis: 'average', forecast: [] };
  }
};

/** `yyyyMMddHHmm` in UTC. */
function stamp(at: number): string {
  return new Date(at).toISOString().replaceAll(/[-T:]/g, '').slice(0, 12);
}

/** Sources that have not reported yet for a time may make at most this share of what is generated. */
const mostMissing = 0.05;

function intensityOf(xml: string): Omit<LiveCarbon, 'basis' | 'forecast'> {
  const reports = reportsOf(xml);
  const last = new Map(reports.sort((a, b) => a.to - b.to).map(each => [each.code, each]));
  for (const end of [...new Set(reports.map(({ to }) => to))].reverse()) {
    const common = reports.filter(({ from, to }) => from < end && end <= to);
    const told = sum(common);
    const reported = new Set(common.map(({ code }) => code));
    const missing = sum([...last.values()].filter(({ code }) => !reported.has(code)));
    if (!(told > 0) || missing > mostMissing * (told + missing)) continue;
    const mean = (of: (source: GenerationSource) => number) =>
      common.reduce((total, { code, megawatts }) => total + megawatts * of(sourceOf(code)), 0) /
      told;
    return {
      grams: mean(({ carbon }) => carbon.value),
      low: mean(({ carbon }) => carbon.low),
      high: mean(({ carbon }) => carbon.high),
      carbonFree: mean(({ fossil }) => (fossil ? 0 : 1)),
      at: new Date(Math.max(...common.map(({ from }) => from))).toISOString()
    };
  }
  const why = /<text>([^<]{1,200})<\/text>/.exec(xml)?.[1] ?? 'no generation in its answer';
  throw new MeterError('impact/service', `entsoe: ${why}`);
}

function sum(reports: Report[]): number {
  return reports.reduce((total, { megawatts }) => total + megawatts, 0);
}
