import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { Execution, ExecutionStatus, Policy } from '../execution.ts';

/** A row as SQLite returns it: the columns of `executions` with kernel and notebook joined in. */
export type Row = Record<string, SQLOutputValue>;

type Detail = Pick<Execution, 'total' | 'domains' | 'gaps' | 'measures' | 'network' | 'carbon'>;

/**
 * Unix time in microseconds of an ISO 8601 date, whose digits beyond milliseconds `Date` would drop.
 * @returns NaN when the text is no date.
 */
export function microsecondsOf(iso: string): number {
  const fraction = /\.\d{3}(\d{1,3})/.exec(iso)?.[1] ?? '';
  return Date.parse(iso) * 1000 + Number(fraction.padEnd(3, '0'));
}

/** The named parameters of an execution's row, kernel and notebook left out. */
export function parametersOf(execution: Execution): Record<string, SQLInputValue> {
  const { total, domains, gaps, measures, network, carbon } = execution;
  const detail: Detail = { total, domains, gaps, measures, network, ...(carbon && { carbon }) };
  return {
    id: execution.id,
    cell_id: execution.cell_id,
    msg_id: execution.msg_id,
    execution_count: wholeOrNull(execution.execution_count),
    source_sha256: execution.source_sha256,
    status: execution.status,
    started_us: microsecondsOf(execution.started_at),
    started_at: execution.started_at,
    ended_at: execution.ended_at,
    start_ns: execution.start_ns,
    end_ns: execution.end_ns,
    policy: execution.policy,
    joules: total.joules,
    low: total.low,
    high: total.high,
    kind: total.kind,
    idle_joules: execution.idle_joules,
    cpu_seconds: execution.cpu_seconds,
    read_bytes: wholeOrNull(execution.read_bytes),
    written_bytes: wholeOrNull(execution.written_bytes),
    peak_memory_bytes: wholeOrNull(execution.peak_memory_bytes),
    detail: JSON.stringify(detail)
  };
}

/** The execution that a row holds, fields in the order of the contract. */
export function executionOf(row: Row): Execution {
  const detail = JSON.parse(String(row['detail'])) as Detail;
  return {
    id: String(row['id']),
    kernel_id: String(row['kernel_id']),
    kernel_name: String(row['kernel_name']),
    msg_id: String(row['msg_id']),
    execution_count: numberOrNull(row['execution_count']),
    source_sha256: textOrNull(row['source_sha256']),
    notebook: textOrNull(row['notebook']),
    cell_id: textOrNull(row['cell_id']),
    status: String(row['status']) as ExecutionStatus,
    started_at: String(row['started_at']),
    ended_at: textOrNull(row['ended_at']),
    start_ns: Number(row['start_ns']),
    end_ns: numberOrNull(row['end_ns']),
    policy: String(row['policy']) as Policy,
    total: detail.total,
    domains: detail.domains,
    idle_joules: numberOrNull(row['idle_joules']),
    cpu_seconds: numberOrNull(row['cpu_seconds']),
    read_bytes: numberOrNull(row['read_bytes']),
    written_bytes: numberOrNull(row['written_bytes']),
    peak_memory_bytes: numberOrNull(row['peak_memory_bytes']),
    ...(detail.network === undefined ? {} : { network: detail.network }),
    ...(detail.carbon && { carbon: detail.carbon }),
    gaps: detail.gaps,
    measures: detail.measures
  };
}

function wholeOrNull(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}

function numberOrNull(value: SQLOutputValue | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

function textOrNull(value: SQLOutputValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
