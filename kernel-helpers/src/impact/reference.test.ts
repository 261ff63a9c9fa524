import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  builtIn,
  emissions,
  estimateEnergy,
  findZone,
  fromSettings,
  kilowattHours,
  marginalCarbon,
  scaleBy
} from './index.ts';

interface Reference {
  codecarbon: { kwh: number; grams_per_kwh: number; kilograms: number }[];
  green_algorithms: {
    hours: number;
    cores: number;
    watts_per_core: number;
    usage: number;
    memory_gigabytes: number;
    pue: number;
    kwh: number;
  }[];
}

// Written by test/reference/impact/make_fixtures.py.
const path = join(__dirname, 'fixtures/reference.json');
const reference = JSON.parse(readFileSync(path, 'utf8')) as Reference;

describe('other programs', () => {
  it('CodeCarbon turns the same energy at the same intensity into the same kilograms', () => {
    for (const { kwh, grams_per_kwh, kilograms } of reference.codecarbon) {
      const joules = kwh * 3.6e6;
      const carbon = fromSettings('carbon/given', 'given', grams_per_kwh, 'g/kWh');
      const energy = { joules, low: joules, high: joules, kind: 'measured' } as const;
      const grams = emissions(energy, { carbon })?.location.value ?? NaN;
      expect(Math.abs(grams / 1000 - kilograms) / kilograms).toBeLessThan(1e-12);
    }
  });

  it('Green Algorithms estimates the same energy for the same job', () => {
    for (const job of reference.green_algorithms) {
      const { hours, cores, usage, pue } = job;
      const [wattsPerCore, memoryGigabytes] = [job.watts_per_core, job.memory_gigabytes];
      const energy = estimateEnergy({ hours, cores, wattsPerCore, usage, memoryGigabytes });
      const used = kilowattHours(energy);
      const kwh = used && scaleBy(used, fromSettings('pue/given', 'given', pue, '1')).value;
      expect(Math.abs((kwh ?? NaN) - job.kwh) / job.kwh).toBeLessThan(1e-12);
    }
  });
});

describe('the list of data licences', () => {
  const list = readFileSync(join(__dirname, '../../LICENSES-DATA.md'), 'utf8');

  it('has the licence of every coefficient', () => {
    const all = [...builtIn, findZone('FR').carbon, marginalCarbon('FRA')];
    const missing = all.filter(({ licence }) => !list.includes(`\`${licence}\``));
    expect(missing.map(({ id }) => id)).toEqual([]);
  });

  it('names the version of the data that is installed', () => {
    const folder = require.resolve('@tgwf/co2').replace(/(@tgwf\/co2\/).*/, '$1');
    const text = readFileSync(join(folder, 'package.json'), 'utf8');
    const { version } = JSON.parse(text) as { version: string };
    const sources = [findZone('FR').carbon.source, marginalCarbon('FRA').source];
    expect(sources.every(source => source.endsWith(`@tgwf/co2 ${version}`))).toBe(true);
  });

  it('refuses a 0 in the marginal data, which stands for no figure', () => {
    expect(() => marginalCarbon('ALB')).toThrow(/marginal intensity/);
    expect(marginalCarbon('deu').value).toBeGreaterThan(0);
  });
});
