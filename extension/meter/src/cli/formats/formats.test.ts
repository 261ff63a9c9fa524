import { execution, measured, running } from '../../store/fixtures/executions.ts';
import type { DomainEnergy } from '../../execution.ts';
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

describe('csv', () => {
  it('quotes what needs it', () => {
    expect(csvLine(['a', 'b,c', 'd "e"', 'f\ng', null, undefined, 0])).toBe(
      'a,"b,c","d ""e""","f\ng",,,0\r\n'
    );
  });

  it('adds the sensors of a domain and leaves empty what nothing saw', () => {
    const domains = [part('gpu', 2), part('gpu', 3), part('package', 7)];
    const row = read(csvHeader, csvRow(execution(1, { domains })));
    expect(row).toMatchObject({ gpu_joules: '5', package_joules: '7', dram_joules: '', gaps: '0' });
  });
});

describe('codecarbon', () => {
  it("has the columns of CodeCarbon's emissions.csv, in its order", () => {
    expect(codecarbonHeader.trimEnd()).toBe(
      'timestamp,project_name,run_id,experiment_id,duration,emissions,emissions_rate,cpu_power,' +
        'gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,water_consumed,' +
        'country_name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,' +
        'codecarbon_version,cpu_count,cpu_model,gpu_count,gpu_model,longitude,latitude,' +
        'ram_total_size,tracking_mode,cpu_utilization_percent,gpu_utilization_percent,' +
        'ram_utilization_percent,ram_used_gb,on_cloud,pue,wue'
    );
  });

  it('gives kWh and watts, and no emissions without a country', () => {
    const domains = [part('package', 3.6), part('dram', 0.36)];
    const row = read(
      codecarbonHeader,
      codecarbonRow(execution(1, { domains, total: measured(3.96) }))
    );
    expect(row).toMatchObject({
      ...{ project_name: 'notebook-1', duration: '0.5', emissions: '', gpu_energy: '' },
      ...{ cpu_energy: '0.000001', ram_energy: '1e-7', cpu_power: '7.2', tracking_mode: 'process' }
    });
    expect(Number(row['energy_consumed'])).toBeCloseTo(1.1e-6, 12);
  });

  it('leaves out what has not ended', () => {
    expect(codecarbonRow(running(1))).toBe('');
  });
});
