import { arch, cpus, platform, release, totalmem } from 'node:os';
import { basename } from 'node:path';
import { figuresOf, footprint, type ImpactNow } from 'kernel-helpers/impact';
import type { Domain, Execution } from '../../execution.ts';
import { csvLine, joulesOf, type CsvValue } from './csv.ts';

const joulesPerKwh = 3.6e6;

/**
 * The columns of CodeCarbon's `emissions.csv`, in its order. Energies are kWh, powers W.
 * @see CodeCarbon 3.3, `EmissionsData`
 */
const columns = [
  ...['timestamp', 'project_name', 'run_id', 'experiment_id', 'duration', 'emissions'],
  ...['emissions_rate', 'cpu_power', 'gpu_power', 'ram_power', 'cpu_energy', 'gpu_energy'],
  ...['ram_energy', 'energy_consumed', 'water_consumed', 'country_name', 'country_iso_code'],
  ...['region', 'cloud_provider', 'cloud_region', 'os', 'python_version', 'codecarbon_version'],
  ...['cpu_count', 'cpu_model', 'gpu_count', 'gpu_model', 'longitude', 'latitude'],
  ...['ram_total_size', 'tracking_mode', 'cpu_utilization_percent', 'gpu_utilization_percent'],
  ...['ram_utilization_percent', 'ram_used_gb', 'on_cloud', 'pue', 'wue']
];

/** The first line of an export for CodeCarbon. */
export const codecarbonHeader = csvLine(columns);

/**
 * An execution as a row of `emissions.csv`, a run of its own; empty for one that has not ended.
 * Emissions (kg) need a grid zone: they stay empty while none is chosen. `energy_consumed` is the machine's, without PUE.
 */
export function codecarbonRow(execution: Execution, now: ImpactNow): string {
  if (execution.ended_at === null || execution.end_ns === null) return '';
  const seconds = (execution.end_ns - execution.start_ns) / 1e9;
  const values: Record<string, CsvValue> = {
    timestamp: execution.ended_at.replace(/\..*$/, ''),
    project_name: projectOf(execution),
    run_id: execution.id,
    experiment_id: execution.kernel_id,
    duration: seconds,
    ...energies(execution, 'cpu', 'package', seconds),
    ...energies(execution, 'gpu', 'gpu', seconds),
    ...energies(execution, 'ram', 'dram', seconds),
    energy_consumed: kwh(execution.total.joules),
    ...emitted(execution, now, seconds),
    os: `${platform()}-${release()}-${arch()}`,
    cpu_count: cpus().length,
    cpu_model: cpus()[0]?.model,
    ram_total_size: totalmem() / 2 ** 30,
    tracking_mode: execution.policy === 'exclusive' ? 'machine' : 'process',
    cpu_utilization_percent: utilization(execution, seconds),
    ram_used_gb: gibibytes(execution.peak_memory_bytes),
    on_cloud: 'N',
    pue: now.pue.value,
    wue: now.wue.value
  };
  return csvLine(columns.map(name => values[name]));
}

function emitted(execution: Execution, now: ImpactNow, seconds: number) {
  const { carbon, water } = footprint(execution.total, figuresOf([execution], now));
  const kilograms = carbon ? carbon.location.value / 1000 : null;
  return {
    emissions: kilograms,
    emissions_rate: kilograms === null || seconds <= 0 ? null : kilograms / seconds,
    water_consumed: carbon ? water?.total.value : null,
    country_name: now.zone_name,
    region: now.zone
  };
}

function energies(execution: Execution, name: string, domain: Domain, seconds: number) {
  const joules = joulesOf(execution, domain);
  return {
    [`${name}_energy`]: kwh(joules ?? null),
    [`${name}_power`]: joules === undefined || seconds <= 0 ? null : joules / seconds
  };
}

function projectOf({ notebook }: Execution): string {
  return notebook === null ? 'joulebook' : basename(notebook, '.ipynb');
}

function kwh(joules: number | null): number | null {
  return joules === null ? null : joules / joulesPerKwh;
}

function gibibytes(bytes: number | null): number | null {
  return bytes === null ? null : bytes / 2 ** 30;
}

function utilization({ cpu_seconds }: Execution, seconds: number): number | null {
  if (cpu_seconds === null || seconds <= 0) return null;
  return (100 * cpu_seconds) / seconds / cpus().length;
}
