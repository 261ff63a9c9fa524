import { createHash } from 'node:crypto';

import { formatIso } from './clock.ts';
import type { WallClock } from './wall-clock.ts';
import type {
  DomainEnergy,
  Execution,
  ExecutionGap,
  ExecutionMeasure,
  Label,
  NetworkTraffic,
  Policy
} from './execution.ts';
import type { KernelListener } from './kernels/kernel-listener.ts';
import { readNetwork, type NetworkCount } from './kernels/network.ts';
import type { TreeTraffic, TreeUsage } from './kernels/process-tree.ts';
import type { CellWindow } from './kernels/windows.ts';
import type { SensorEnergy, WindowEnergy } from './ledger/ledger.ts';
import type { Domain } from './sensors/sensor.ts';
import { missingEnergy, totalEnergy } from './total.ts';

const joule = 1e6;
const wallDigits = 14;

interface Usage extends TreeUsage, TreeTraffic {
  peakMemoryBytes: number;
  network: NetworkCount | undefined;
}

/** What a daemon that stopped had recorded of a cell that goes on. */
interface Earlier {
  execution: Execution;
  resumedNs: number;
  /** Domains that are read now. */
  domains: Domain[];
}

/** One cell's window on its way to an execution: energy, CPU time, traffic and memory. */
export class ExecutionRecord {
  readonly id: string;
  readonly kernel: KernelListener;
  readonly window: CellWindow;
  readonly measures: ExecutionMeasure[] = [];
  readonly policy: Policy;
  readonly #clock: WallClock;
  readonly #start: Usage | undefined;
  #end: Usage | undefined;
  #peakResident = 0;
  #earlier: Earlier | undefined;
  label: Label | undefined;
  /** Mean power when it was last looked at. */
  watts: number | null = null;
  /** Whether its progress has been told. */
  told = false;

  constructor(kernel: KernelListener, window: CellWindow, policy: Policy, clock: WallClock) {
    this.kernel = kernel;
    this.window = window;
    this.policy = policy;
    this.#clock = clock;
    this.id = executionId(kernel.id, window, clock);
    this.#start = usageOf(kernel);
    this.#peakResident = this.#start?.residentBytes ?? 0;
  }

  /**
   * Goes on with what an earlier daemon recorded; between the two the meter saw nothing.
   * @param domains Domains that are read now: the earlier daemon may have died before it read any.
   */
  continues(execution: Execution, resumedNs: number, domains: Domain[]): void {
    this.#earlier = { execution, resumedNs, domains };
  }

  /** Notes memory in use, which may be the cell's peak. */
  sampled({ residentBytes }: TreeUsage): void {
    this.#peakResident = Math.max(this.#peakResident, residentBytes);
  }

  /** Takes the last look at the process, at the cell's end. */
  finish(): void {
    this.#end = usageOf(this.kernel);
  }

  /** The execution as everybody sees it, with the energy that is known so far. */
  toExecution(energy: WindowEnergy, domainOf: (sensorId: string) => Domain): Execution {
    const { kernel, window } = this;
    const { kernel_id, kernel_name, notebook, remote } = kernel.describe();
    const earlier = this.#earlier?.execution;
    const gaps = [...this.#earlierGaps(), ...gapsOf(energy, domainOf)];
    const domains = remote ? [] : addEarlier(energy.domains.map(domainEnergy), earlier?.domains);
    const end = window.endNs;
    return {
      id: earlier?.id ?? this.id,
      kernel_id,
      kernel_name: kernel_name || (earlier?.kernel_name ?? ''),
      msg_id: window.msgId,
      execution_count: window.executionCount,
      source_sha256: window.sourceSha256,
      notebook: this.label?.notebook ?? notebook ?? earlier?.notebook ?? null,
      cell_id: this.label?.cell_id ?? earlier?.cell_id ?? null,
      status: window.status,
      started_at: earlier?.started_at ?? formatIso(this.#clock.toWall(window.startNs)),
      ended_at: end === null ? null : formatIso(this.#clock.toWall(end)),
      start_ns: window.startNs,
      end_ns: end,
      policy: this.policy,
      total: remote ? missingEnergy('not on this host') : totalEnergy(domains, gaps),
      domains,
      idle_joules: remote ? null : idleJoules(energy.domains),
      ...this.#usage(earlier),
      gaps: remote ? [] : gaps,
      measures: [...(earlier?.measures ?? []), ...this.measures]
    };
  }

  #earlierGaps(): ExecutionGap[] {
    if (!this.#earlier) return [];
    const { execution, resumedNs } = this.#earlier;
    const reason = 'the meter was stopped; what it had counted before is included';
    const known = execution.domains.map(({ domain }) => domain);
    const missed = [...new Set([...known, ...this.#earlier.domains])].map(domain => ({
      domain,
      from_ns: execution.start_ns,
      to_ns: resumedNs,
      reason
    }));
    return [...execution.gaps, ...missed];
  }

  #usage(earlier: Execution | undefined) {
    const start = this.#start;
    const end = this.#end ?? usageOf(this.kernel);
    if (!start || !end) {
      const { cpu_seconds = null, read_bytes = null, written_bytes = null } = earlier ?? {};
      return { cpu_seconds, read_bytes, written_bytes, peak_memory_bytes: this.#peak(end) };
    }
    return {
      cpu_seconds: (end.cpuNs - start.cpuNs) / 1e9 + (earlier?.cpu_seconds ?? 0),
      read_bytes: end.readBytes - start.readBytes + (earlier?.read_bytes ?? 0),
      written_bytes: end.writtenBytes - start.writtenBytes + (earlier?.written_bytes ?? 0),
      peak_memory_bytes: this.#peak(end),
      network: trafficBetween(start.network, end.network, earlier)
    };
  }

  /** If the process's own peak rose meanwhile it was this cell's; else the greatest sample is. */
  #peak(end: Usage | undefined): number | null {
    if (!this.#start) return null;
    const sampled = Math.max(this.#peakResident, end?.residentBytes ?? 0);
    const rose = end && end.peakMemoryBytes > this.#start.peakMemoryBytes;
    return rose ? Math.max(sampled, end.peakMemoryBytes) : sampled;
  }
}

/** Sorts by start; the same message of the same kernel has the same id in every daemon. */
function executionId(kernelId: string, { msgId, startNs }: CellWindow, clock: WallClock): string {
  const microseconds = clock.toWall(startNs) / 1_000n;
  const digest = createHash('sha256').update(`${kernelId}/${msgId}`).digest('hex');
  return `${microseconds.toString(16).padStart(wallDigits, '0')}-${digest.slice(0, 12)}`;
}

function usageOf({ tree }: KernelListener): Usage | undefined {
  if (!tree) return undefined;
  const peakMemoryBytes = tree.peakMemoryBytes();
  return { ...tree.sample(), ...tree.traffic(), peakMemoryBytes, network: readNetwork(tree.pid) };
}

/** What went through the network between two looks; null where one is missing or a counter began anew. */
function trafficBetween(
  start: NetworkCount | undefined,
  end: NetworkCount | undefined,
  earlier: Execution | undefined
): NetworkTraffic | null {
  if (!start || !end) return null;
  const sent = end.sentBytes - start.sentBytes;
  const received = end.receivedBytes - start.receivedBytes;
  if (sent < 0 || received < 0) return null;
  return {
    sent_bytes: sent + (earlier?.network?.sent_bytes ?? 0),
    received_bytes: received + (earlier?.network?.received_bytes ?? 0),
    scope: 'namespace'
  };
}

/** One sensor's energy in joules. */
export function domainEnergy(energy: SensorEnergy): DomainEnergy {
  const { domain, sensorId, contained, kind, below } = energy;
  return {
    domain,
    sensor: sensorId,
    contained,
    joules: energy.microjoules / joule,
    low: energy.lowMicrojoules / joule,
    high: energy.highMicrojoules / joule,
    kind,
    ...(below ? { below: true as const } : {})
  };
}

/** The gaps of a window, by domain. */
export function gapsOf(
  { gaps }: WindowEnergy,
  domainOf: (sensorId: string) => Domain
): ExecutionGap[] {
  return gaps.map(({ sensorId, fromNs, toNs, reason }) => ({
    domain: domainOf(sensorId),
    from_ns: fromNs,
    to_ns: toNs,
    reason
  }));
}

function idleJoules(domains: SensorEnergy[]): number | null {
  const known = domains.filter(({ contained }) => !contained);
  if (known.length === 0) return null;
  return known.reduce((sum, { idleMicrojoules }) => sum + idleMicrojoules, 0) / joule;
}

function addEarlier(now: DomainEnergy[], earlier: DomainEnergy[] = []): DomainEnergy[] {
  const added = now.map(energy => {
    const before = earlier.find(({ sensor }) => sensor === energy.sensor);
    if (!before || before.joules === null) return energy;
    const add = (field: 'joules' | 'low' | 'high') => (energy[field] ?? 0) + (before[field] ?? 0);
    return { ...energy, joules: add('joules'), low: add('low'), high: add('high') };
  });
  const isSilent = ({ sensor }: DomainEnergy) => !now.some(energy => energy.sensor === sensor);
  return [...added, ...earlier.filter(isSilent)];
}
