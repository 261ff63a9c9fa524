import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execution, measured, running } from '../../store/fixtures/executions.ts';
import type { DomainEnergy } from '../../execution.ts';
import {
  defaultImpactSettings,
  devices,
  figuresOf,
  footprint,
  sci,
  findZone,
  pueUnknown,
  pueOwnMachine,
  wueOwnMachine,
  wueUnknown,
  type CarbonNow,
  type CarbonRecord,
  type ImpactNow
} from 'kernel-helpers/impact';
import { exportFormats, type ExportFormatName } from './formats.ts';
import { codecarbonHeader, codecarbonRow } from './codecarbon.ts';
import { csvHeader, csvLine, csvRow } from './csv.ts';

const fields = (line: string) => line.trimEnd().split(',');

function read(header: string, row: string): Record<string, string | undefined> {
  const values = fields(row);
  return Object.fromEntries(fields(header).map((name, n) => [name, values[n]]));
}

const part = (domain: DomainEnergy['domain'], joules: number): DomainEnergy => ({
  ...measured(joules),
  domain,
  sensor: `test:${domain}`,
  contained: false
});

const unset: ImpactNow = {
  ...{
    zone: null,
    zone_name: null,
    carbon: null,
    carbon_year: null,
    market: null,
    carbon_free: null
  },
  ...{ tariff: null, device: null, pue: pueOwnMachine, wue: wueOwnMachine, forecast: [] },
  settings: defaultImpactSettings
};
const yearly: CarbonNow = {
  ...findZone('GB').carbon,
  ...{ basis: 'average', service: 'offline', at: null, age_seconds: null, note: null }
};
const inBritain: ImpactNow = {
  ...unset,
  ...{ zone: 'GB', zone_name: 'Great Britain', pue: pueUnknown, wue: wueUnknown },
  tariff: { value: 0.3, currency: 'GBP' },
  carbon: yearly,
  carbon_year: yearly
};

const withService: ImpactNow = {
  ...inBritain,
  settings: { ...defaultImpactSettings, zone: 'GB', service: 'neso' }
};
/** What a service told while cells ran: half of the year's average. */
const told: CarbonRecord = {
  ...{ ...findZone('GB').carbon, value: 88, low: 80, high: 96 },
  ...{ zone: 'GB', service: 'neso', basis: 'average', at: '2026-11-24T12:00:00Z' }
};

/** An export of ten executions of one kWh each. */
function exported(name: ExportFormatName, now: ImpactNow): string {
  const format = exportFormats[name](now);
  const all = Array.from({ length: 10 }, (_, n) => execution(n, { total: measured(3.6e6) }));
  return format.head + all.map(format.row).join(format.between) + format.tail();
}

describe('every format', () => {
  it('weighs by what the service told while cells ran', () => {
    const cell = execution(1, { total: measured(3.6e6), carbon: told });
    const { value: grams } = footprint(cell.total, figuresOf([cell], withService)).carbon!.location;
    const row = read(csvHeader, csvRow(cell, withService));
    expect(row).toMatchObject({ grams_per_kwh: '88', carbon_service: 'neso' });
    expect(Number(row['location_g'])).toBeCloseTo(grams, 9);
    const emitted = read(codecarbonHeader, codecarbonRow(cell, withService))['emissions'];
    expect(1000 * Number(emitted)).toBeCloseTo(grams, 9);
    for (const name of ['huggingface', 'impact-framework', 'ro-crate', 'methods'] as const) {
      const format = exportFormats[name](withService);
      format.row(cell);
      expect(format.tail()).toContain(name === 'methods' ? 'of 88 g/kWh' : String(grams));
    }
  });
});

describe('csv', () => {
  it('quotes what needs it', () => {
    expect(csvLine(['a', 'b,c', 'd "e"', 'f\ng', null, undefined, 0])).toBe(
      'a,"b,c","d ""e""","f\ng",,,0\r\n'
    );
  });

  it('adds the sensors of a domain and leaves empty what nothing saw', () => {
    const domains = [part('gpu', 2), part('gpu', 3), part('package', 7)];
    const row = read(csvHeader, csvRow(execution(1, { domains }), unset));
    expect(row).toMatchObject({ gpu_joules: '5', package_joules: '7', dram_joules: '', gaps: '0' });
  });
});

describe('codecarbon', () => {
  it("has the columns of CodeCarbon's emissions.csv, in its order", () => {
    const path = join(
      __dirname,
      '../../../../../kernel-helpers/src/impact/fixtures/reference.json'
    );
    const { codecarbon_columns: columns } = JSON.parse(readFileSync(path, 'utf8')) as {
      codecarbon_columns: string[];
    };
    expect(fields(codecarbonHeader)).toEqual(columns);
  });

  it('gives kWh and watts, and no emissions without a country', () => {
    const domains = [part('package', 3.6), part('dram', 0.36)];
    const row = read(
      codecarbonHeader,
      codecarbonRow(execution(1, { domains, total: measured(3.96) }), unset)
    );
    expect(row).toMatchObject({
      ...{ project_name: 'notebook-1', duration: '0.5', emissions: '', gpu_energy: '' },
      ...{ cpu_energy: '0.000001', ram_energy: '1e-7', cpu_power: '7.2', tracking_mode: 'process' }
    });
    expect(Number(row['energy_consumed'])).toBeCloseTo(1.1e-6, 12);
  });

  it('leaves out what has not ended', () => {
    expect(codecarbonRow(running(1), unset)).toBe('');
  });
});

describe('with a grid zone', () => {
  it('csv and codecarbon tell the carbon that the library computes', () => {
    const one = execution(1, { total: measured(3.6e6) });
    const csv = read(csvHeader, csvRow(one, inBritain));
    expect(Number(csv['location_g'])).toBeCloseTo(1.56 * 176, 9);
    expect(csv).toMatchObject({ zone: 'GB', market_g: '', currency: 'GBP' });
    const row = read(codecarbonHeader, codecarbonRow(one, inBritain));
    expect(Number(row['emissions'])).toBeCloseTo((1.56 * 176) / 1000, 9);
    expect(Number(row['emissions_rate'])).toBeCloseTo((1.56 * 176) / 1000 / 0.5, 9);
    expect(row).toMatchObject({ energy_consumed: '1', country_name: 'Great Britain', pue: '1.56' });
  });

  it("gives a model card's metadata, in grams", () => {
    const card = exported('huggingface', inBritain);
    const grams = Number(/^ {2}emissions: (.*)$/m.exec(card)?.[1]);
    expect(grams).toBeCloseTo(10 * 1.56 * 176, 6);
    expect(card).toMatch(/geographical_location: "Great Britain"/);
    expect(exported('huggingface', unset)).toMatch(/# emissions: choose a grid zone/);
  });

  it('gives Impact Framework observations of a second at least', () => {
    const manifest = exported('impact-framework', inBritain);
    const durations = [...manifest.matchAll(/duration: (.*)/g)].map(([, text]) => Number(text));
    expect(durations).toHaveLength(10);
    expect(durations.every(seconds => seconds >= 1)).toBe(true);
    expect(manifest).toContain('          energy: 1\n');
    expect(manifest).toContain(`carbon-operational: ${1.56 * 176}`);
    // Its score plugin asks for `carbon`, which the plugin before it adds up.
    expect(manifest).toContain('input-parameters: [carbon-operational]\n');
    expect(manifest).toContain('        compute:\n          - carbon\n          - sci\n');
    const device = { ...devices.laptop, lifetime_years: 4 };
    const withDevice = exported('impact-framework', { ...inBritain, device });
    expect(withDevice).toContain('input-parameters: [carbon-operational, carbon-embodied]\n');
    expect(withDevice.match(/carbon-embodied: 0\.0/g)).toHaveLength(10);
    expect(exported('impact-framework', unset)).not.toMatch(/sci|pipeline|carbon-/);
  });

  it('gives Impact Framework what its own runner scores as the library does', () => {
    const device = { ...devices.laptop, lifetime_years: 4 };
    const now = { ...inBritain, device };
    const format = exportFormats['impact-framework'](now);
    const cells = [1, 2].map(n => execution(n, { notebook: '/a.ipynb', total: measured(3.6e6) }));
    cells.forEach(format.row);
    const read = (name: string) => readFileSync(join(__dirname, 'fixtures', name), 'utf8');
    // test/reference/impact/impact-framework.mjs hands this file to if-run and keeps what it answers.
    expect(format.tail()).toBe(read('impact-framework.yaml'));
    const answered = JSON.parse(read('impact-framework.json')) as { carbon: number; sci: number };
    const { carbon, hardware } = footprint(measured(7.2e6), now, 1);
    const boundary = 'the laptop';
    const score = sci({
      operational: carbon!.location,
      embodied: hardware!,
      units: 2,
      unit: 'run',
      boundary
    });
    expect(answered.sci).toBeCloseTo(score.value, 9);
    expect(answered.carbon).toBeCloseTo(2 * score.value, 9);
  });

  it('cites the runs as a crate whose references all resolve', () => {
    const crate = JSON.parse(exported('ro-crate', inBritain)) as { '@graph': { '@id': string }[] };
    const ids = crate['@graph'].map(node => node['@id']);
    expect(new Set(ids).size).toBe(ids.length);
    const text = JSON.stringify(crate['@graph']);
    const references = [...text.matchAll(/\{"@id":"([^"]*)"\}/g)].map(([, id]) => id);
    const outside = references.filter(id => !ids.includes(id ?? ''));
    expect(new Set(outside)).toEqual(new Set(['https://w3id.org/ro/crate/1.1']));
    expect(text).toMatch(/"unitCode":"JOU"/);
  });

  it('writes a methods paragraph that names sensors, policy, interval and source', () => {
    const text = exported('methods', inBritain);
    expect(text).toMatch(/10 cell executions/);
    expect(text).toMatch(/package \(powercap:intel-rapl:0, measured\)/);
    expect(text).toMatch(/policy active \(a cell gets its share/);
    expect(text).toMatch(/95 % intervals/);
    expect(text).toMatch(/Electricity Maps.*2025, ODbL-1.0/);
    expect(exported('methods', unset)).toMatch(/No carbon is given/);
  });
});
