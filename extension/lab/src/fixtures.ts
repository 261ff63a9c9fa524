import type { Coefficient, Impact, ImpactSettings } from './api/impact-types';
import type { Energy, Execution } from './api/types';
import type { CellInfo } from './model/cells';

/** A measured energy of `joules` ± `half`, for tests. */
export function measured(joules: number, half: number): Energy {
  return { joules, low: joules - half, high: joules + half, kind: 'measured' };
}

/** A modelled energy between `low` and `high`, for tests. */
export function modelled(joules: number, low: number, high: number): Energy {
  return { joules, low, high, kind: 'modelled' };
}

/** An execution that ran for a second and ended well, with changes, for tests. */
export function execution(id: string, change: Partial<Execution> = {}): Execution {
  const startNs = Number(id) * 2e9;
  return {
    id,
    kernel_id: 'kernel-a',
    kernel_name: 'python3',
    msg_id: `message-${id}`,
    execution_count: Number(id),
    source_sha256: `hash-${id}`,
    notebook: '/home/ada/a.ipynb',
    notebook_path: 'a.ipynb',
    cell_id: `cell-${id}`,
    status: 'ok',
    started_at: new Date(Date.UTC(2026, 10, 23) + Number(id) * 2e3).toISOString(),
    ended_at: new Date(Date.UTC(2026, 10, 23) + Number(id) * 2e3 + 1e3).toISOString(),
    start_ns: startNs,
    end_ns: startNs + 1e9,
    policy: 'active',
    total: measured(10, 0.5),
    domains: [],
    idle_joules: 4,
    cpu_seconds: 1,
    read_bytes: null,
    written_bytes: null,
    peak_memory_bytes: null,
    gaps: [],
    measures: [],
    ...change
  };
}

/** The code cell that `execution(id)` belongs to, for tests. */
export function cell(id: number, change: Partial<CellInfo> = {}): CellInfo {
  return {
    key: `cell-${id}`,
    id: `cell-${id}`,
    index: id,
    line: `line ${id}`,
    sha256: `hash-${id}`,
    ...change
  };
}

function coefficient<U extends string>(
  unit: U,
  value: number,
  low: number,
  high: number
): Coefficient<U, 'modelled'> {
  const about = { id: 'c', title: String(value), year: 2024, source: 's', licence: 'l', unit };
  return { ...about, value, low, high, kind: 'modelled' };
}

const SETTINGS: ImpactSettings = {
  zone: 'GB',
  service: 'offline',
  pue: 1.2,
  wue: null,
  own_solar_share: 0,
  supplier_grams_per_kwh: null,
  tariff: null,
  currency: null,
  device: null
};

/** Coefficients of a zone with 200 g/kWh (150 to 300) and a PUE of 1.2 (1.1 to 1.3), for tests. */
export function impact(change: Partial<Impact> = {}): Impact {
  return {
    zone: 'GB',
    zone_name: 'Great Britain',
    carbon: {
      ...coefficient('g/kWh', 200, 150, 300),
      basis: 'average',
      service: 'offline',
      at: null,
      age_seconds: null,
      note: null
    },
    carbon_year: null,
    carbon_free: null,
    market: null,
    pue: coefficient('1', 1.2, 1.1, 1.3),
    wue: coefficient('L/kWh', 0.5, 0.2, 1.8),
    tariff: null,
    device: null,
    forecast: [],
    settings: SETTINGS,
    ...change
  };
}
