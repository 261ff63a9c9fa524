import type { BenchResult } from '../result.ts';
import { GOALS } from './goals.ts';
import { type Cell, type Plan, runCells } from './simulator.ts';

/** How much is run. */
export interface LiveOptions {
  /** Cells of each length in each scenario. @default 40 */
  cells?: number;
  /** Only scenarios whose name holds this. @default all of them */
  only?: string;
}

interface Scenario {
  name: keyof typeof GOALS.live;
  zone: string;
  plan: Pick<Plan, 'gate' | 'queued' | 'loops'>;
}

const steady = 'base=60 load=140';
/** Fifty to 160 W within .37 s, up and down in jumps and slopes. */
const wave = 'base=pwl:0:50,0.1:50,0.1:120,0.17:120,0.17:80,0.3:160,0.3:50,0.37:50';
const alone = { gate: true, queued: 1, loops: 0 };

const scenarios: Scenario[] = [
  { name: 'cells one after another', zone: steady, plan: alone },
  { name: 'on a power wave, no gate', zone: wave, plan: { ...alone, gate: false } },
  { name: 'twenty cells queued at once', zone: steady, plan: { ...alone, queued: 20 } },
  { name: 'two busy loops beside', zone: steady, plan: { ...alone, loops: 2 } }
];

const during = (...orders: string[]) => ({ before: [], during: orders });
const healthy = during();
/** What happens to a counter, one cell after another; after each it may recover. */
const faults = [
  // Energy of the pause that follows and of a third of the cell.
  { before: ['near_wrap intel-rapl:0 40'], during: [] },
  healthy,
  during('reset intel-rapl:0'),
  healthy,
  during('freeze intel-rapl:0', 'thaw intel-rapl:0'),
  healthy,
  during('freeze intel-rapl:0', 'resume intel-rapl:0'),
  healthy,
  during('eio intel-rapl:0 1'),
  during('eio intel-rapl:0 20'),
  healthy
];
const faultyMilliseconds = 300;
const FAULTY = 'wraps, resets, freezes and read errors';
/** A value this close is right, whatever its interval: in percent. */
const nearPercent = 1;

/** The real daemon on a real kernel beside a simulated counter whose truth is known. */
export async function liveFidelity({ cells = 40, only = '' }: LiveOptions = {}): Promise<
  BenchResult[]
> {
  const rows: BenchResult[] = [];
  const milliseconds = GOALS.liveMilliseconds;
  for (const { name, zone, plan } of scenarios) {
    if (!name.includes(only)) continue;
    const zones = [`zone intel-rapl:0 name=package-0 ${zone} start=1000000 unit_uj=61.035`];
    const ran = await runCells(zones, { ...plan, milliseconds, count: cells, faults: [] });
    if (ran.length < 4 * cells)
      throw new Error(`${name}: ${4 * cells - ran.length} cells are lost`);
    rows.push(...scenarioRows(name, ran));
  }
  if (FAULTY.includes(only)) rows.push(await faultRow(3 * cells));
  return rows;
}

function scenarioRows(name: Scenario['name'], ran: Cell[]): BenchResult[] {
  return GOALS.liveMilliseconds.flatMap((length, i) => {
    const cells = ran.filter(cell => cell.milliseconds === length);
    const what = `the daemon, ${name}, ${length} ms`;
    const errors = cells.map(({ joules, truth }) => 100 * Math.abs((joules ?? 0) / truth - 1));
    const rows = [row(`median error, ${what}`, median(errors), GOALS.live[name][i]!)];
    const { least, most } = GOALS.liveCoverage;
    const share = (100 * cells.filter(isCovered).length) / cells.length;
    const goal = `${least} to ${most} %`;
    const covered = { ...row(`interval coverage, ${what}`, share, most), goal };
    rows.push({ ...covered, met: share >= least && share <= most });
    if (name !== 'cells one after another') return rows;
    const halves = cells.map(({ low, high, truth }) => (50 * ((high ?? 0) - (low ?? 0))) / truth);
    return [...rows, row(`median half width, ${what}`, median(halves), GOALS.liveHalfWidths[i]!)];
  });
}

async function faultRow(count: number): Promise<BenchResult> {
  const zones = [
    'zone intel-rapl:0 name=package-0 base=60 load=140 start=1000000 unit_uj=61.035',
    'zone intel-rapl:0:0 name=dram base=6 load=8 start=50000000000 unit_uj=61.035'
  ];
  const plan = { ...alone, milliseconds: [faultyMilliseconds], count, faults };
  const ran = await runCells(zones, plan);
  const wrong = ran.filter(cell => !isRightOrGap(cell));
  for (const { fault, truth, joules } of wrong) {
    console.error(`wrong without a gap: ${joules} J of ${truth} J beside "${fault}"`);
  }
  const name = `values that are false and have no gap, of ${ran.length} cells with ${FAULTY}`;
  return { ...row(name, wrong.length, GOALS.wrongWindows), unit: 'cells', goal: 'none' };
}

function isRightOrGap(cell: Cell): boolean {
  if (cell.gaps.length > 0 || cell.joules === null) return true;
  return isCovered(cell) || 100 * Math.abs(cell.joules / cell.truth - 1) < nearPercent;
}

function isCovered({ low, high, truth }: Cell): boolean {
  return low !== null && high !== null && low <= truth && truth <= high;
}

function row(name: string, ours: number, goal: number): BenchResult {
  const plain = { name, ours, other: null, ratio: null, unit: '%' };
  return { ...plain, goal: `at most ${goal} %`, met: ours <= goal };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}
