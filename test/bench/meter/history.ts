import { DatabaseSync } from 'node:sqlite';
import type { Execution } from '../../../extension/meter/src/execution.ts';
import { HistoryDatabase } from '../../../extension/meter/src/store/history-database.ts';
import { openHistory } from '../../../extension/meter/src/store/open.ts';
import type { ApiClient } from '../../../extension/meter/src/api/client.ts';

const notebooks = 200;
const kernels = 1000;
const perTransaction = 50_000;
const rounds = 20;
const firstMs = Date.UTC(2026, 0, 1);

/** Fills a history with so many executions, one a second. */
export function fill(path: string, count: number): void {
  const { database } = openHistory(path);
  // What is lost when the machine fails meanwhile is made anew.
  database.exec('PRAGMA synchronous = OFF');
  const history = new HistoryDatabase(database);
  for (let from = 0; from < count; from += perTransaction) {
    history.transaction(() => {
      for (let n = from; n < Math.min(count, from + perTransaction); n++) {
        history.put(executionOf(n), { change: n + 1, owner: 'bench', boot: 'bench' });
      }
    });
  }
  history.close();
  const check = new DatabaseSync(path, { readOnly: true });
  const stored = check.prepare('SELECT count(*) AS n FROM executions').get()?.n;
  check.close();
  if (stored !== count)
    throw new Error(`expected ${count} executions stored, got ${String(stored)}`);
}

/** Median times of what front ends and commands ask, by what they ask, in ms. */
export async function queryTimes(client: ApiClient, count: number): Promise<Map<string, number>> {
  const middle = new Date(firstMs + (count / 2) * 1e3).toISOString();
  const late = new Date(firstMs + (count - 500) * 1e3).toISOString();
  const some = (limit: number, stored: number) => Math.min(limit, Math.floor(stored));
  // What is asked, how, and how many executions that must give.
  const queries: [string, string, number][] = [
    ['newest 100', '?order=desc&limit=100', some(100, count)],
    [
      'newest 500 of a notebook',
      '?notebook=/home/ada/7.ipynb&order=desc&limit=500',
      some(500, count / notebooks)
    ],
    [
      'newest 100 of a kernel',
      '?kernel_id=kernel-7&order=desc&limit=100',
      some(100, count / kernels)
    ],
    ['failed, from the middle', `?status=error&since=${middle}&limit=100`, some(100, count / 40)],
    ['since a moment', `?since=${late}&limit=1000`, some(500, count)],
    ['running', '?status=running', 0]
  ];
  const medians = new Map<string, number>();
  for (const [name, query, rows] of queries) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const began = performance.now();
      const { executions } = await client.get<{ executions: Execution[] }>(
        `/v1/executions${query}`
      );
      times.push(performance.now() - began);
      if (executions.length !== rows) {
        throw new Error(`${name}: expected ${rows} executions, got ${executions.length}`);
      }
    }
    medians.set(name, times.sort((a, b) => a - b)[rounds / 2] ?? NaN);
  }
  return medians;
}

function executionOf(n: number): Execution {
  const started = firstMs + n * 1e3;
  const energy = { joules: 12, low: 11, high: 13, kind: 'measured' } as const;
  const iso = (ms: number) => new Date(ms).toISOString().replace('Z', '000Z');
  return {
    id: `${n.toString(16).padStart(14, '0')}-${'0'.repeat(12)}`,
    kernel_id: `kernel-${n % kernels}`,
    kernel_name: 'python3',
    msg_id: `message-${n}`,
    execution_count: n,
    source_sha256: n.toString(16).padStart(64, '0'),
    notebook: `/home/ada/${n % notebooks}.ipynb`,
    cell_id: `cell-${n % 50}`,
    status: n % 20 === 0 ? 'error' : 'ok',
    started_at: iso(started),
    ended_at: iso(started + 500),
    start_ns: n * 1e9,
    end_ns: n * 1e9 + 5e8,
    policy: 'active',
    total: energy,
    domains: [
      { ...energy, domain: 'package', sensor: 'powercap:intel-rapl:0', contained: false },
      { ...energy, domain: 'dram', sensor: 'powercap:intel-rapl:0:0', contained: false }
    ],
    idle_joules: 3,
    cpu_seconds: 0.4,
    read_bytes: 0,
    written_bytes: 4096,
    peak_memory_bytes: 1e8,
    network: null,
    gaps: [],
    measures: []
  };
}
