import { figuresOf, footprint, type ImpactNow } from 'kernel-helpers/impact';
import type { Domain, Execution } from '../../execution.ts';
import { secondsOf } from '../run/report.ts';

/** A value of one cell of a CSV file; null and undefined are empty. */
export type CsvValue = string | number | null | undefined;

/** One line of CSV with its end (RFC 4180). */
export function csvLine(values: CsvValue[]): string {
  return `${values.map(quoted).join(',')}\r\n`;
}

const domains: Domain[] = ['package', 'dram', 'gpu', 'psys', 'battery', 'wall', 'core', 'uncore'];

const plain = [
  ...([
    'id',
    'notebook',
    'cell_id',
    'execution_count',
    'status',
    'started_at',
    'ended_at'
  ] as const),
  ...(['kernel_id', 'kernel_name', 'msg_id', 'source_sha256', 'start_ns', 'end_ns'] as const),
  ...(['policy', 'idle_joules', 'cpu_seconds', 'read_bytes', 'written_bytes'] as const),
  'peak_memory_bytes' as const
];

const computed: Record<string, (execution: Execution) => CsvValue> = {
  joules: ({ total }) => total.joules,
  low: ({ total }) => total.low,
  high: ({ total }) => total.high,
  kind: ({ total }) => total.kind,
  ...Object.fromEntries(
    domains.map(domain => [
      `${domain}_joules`,
      (execution: Execution) => joulesOf(execution, domain)
    ])
  ),
  gaps: ({ gaps }) => gaps.length,
  sent_bytes: ({ network }) => network?.sent_bytes,
  received_bytes: ({ network }) => network?.received_bytes
};

/** Each kind of impact has columns of its own: no line adds them. */
const impacts = [
  ...['location_g', 'market_g', 'water_l', 'cost', 'attributed_hardware_g'].flatMap(name => [
    ...[name, `${name}_low`, `${name}_high`]
  ]),
  ...['currency', 'zone', 'grams_per_kwh', 'carbon_service']
];

/** The first line of an export as CSV. */
export const csvHeader = csvLine([...plain, ...Object.keys(computed), ...impacts]);

/** An execution as a line of CSV: empty where nothing is known, never 0. */
export function csvRow(execution: Execution, now: ImpactNow): string {
  return csvLine([
    ...plain.map(name => execution[name]),
    ...Object.values(computed).map(compute => compute(execution)),
    ...impactsOf(execution, now)
  ]);
}

function impactsOf(execution: Execution, now: ImpactNow): CsvValue[] {
  const figures = figuresOf([execution], now);
  const seconds = secondsOf(execution);
  const { carbon, water, money, hardware } = footprint(execution.total, figures, seconds);
  const market = carbon?.hasContract ? carbon.market : null;
  const amounts = [carbon?.location, market, water?.total, money, hardware];
  return [
    ...amounts.flatMap(amount => [amount?.value, amount?.low, amount?.high]),
    ...[money?.unit, now.zone, figures.carbon?.value, figures.carbon?.service]
  ];
}

/** The joules of all sensors of a domain, or undefined when none saw the execution. */
export function joulesOf(execution: Execution, domain: Domain): number | undefined {
  const known = execution.domains.flatMap(each =>
    each.domain === domain && each.joules !== null ? [each.joules] : []
  );
  return known.length === 0 ? undefined : known.reduce((sum, joules) => sum + joules, 0);
}

function quoted(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
