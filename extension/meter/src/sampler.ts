import type { KernelListener } from './kernels/kernel-listener.ts';
import type { ProcessTree, TreeUsage } from './kernels/process-tree.ts';
import { monotonicNs } from './clock.ts';
import type { Activity, ActivityGroup } from './ledger/ledger.ts';
import type { GpuActivity } from './sensors/gpu-activity.ts';
import { machineMemory, MachineClock, processor } from './sensors/machine.ts';

/** New processes and memory are looked for this often; CPU time at every sample. */
const growEveryNs = 500_000_000;
/** A kernel that has been quiet is asked less often, so that many kernels cost little. */
const quietNs = 3_000_000_000;
const quietEveryNs = 1_000_000_000;
/** Where more kernels than this run cells, each is asked less often, but for the one at an edge. */
const crowd = 8;
const crowdEveryNs = 20_000_000;

/** A process tree that is metered without being a kernel's: a program that uses `measure()`. */
export interface Guest {
  id: string;
  tree: ProcessTree;
}

interface Known extends TreeUsage {
  atNs: number;
  grownNs: number;
}

/** Samples who uses the machine. */
export class ActivitySampler {
  readonly #clock = new MachineClock();
  readonly #processor = processor();
  readonly #known = new WeakMap<ProcessTree, Known>();
  #usedBytes = 0;
  #usedAtNs = -Infinity;
  #gpuAtNs = -Infinity;
  #busyNs = 0;
  #groupsNs = 0;

  /**
   * The machine's and each kernel's CPU time now.
   * @param gpus Where GPU time by process comes from, if anywhere.
   * @param sampled Called with each kernel that was looked at.
   * @param edge Whose CPU time must be of now: a kernel whose cell begins or ends.
   */
  sample(
    kernels: readonly KernelListener[],
    guests: readonly Guest[],
    gpus: GpuActivity | undefined,
    sampled: (kernel: KernelListener, usage: TreeUsage) => void,
    edge?: KernelListener | 'all'
  ): Activity {
    const atNs = monotonicNs();
    const groups: ActivityGroup[] = [];
    const isDue = gpus !== undefined && atNs - this.#gpuAtNs >= growEveryNs;
    if (isDue) {
      gpus.sample();
      this.#gpuAtNs = atNs;
    }
    const gpuNs = (tree: ProcessTree) => gpus && { gpuNs: gpus.of(pid => tree.has(pid)) };
    const running = kernels.filter(({ windows }) => windows.running.length > 0).length;
    const busyEveryNs = Math.max(0, running - crowd) * crowdEveryNs;
    for (const kernel of kernels) {
      if (!kernel.tree) continue;
      const isEdge = edge === 'all' || edge === kernel;
      const busy = kernel.windows.running.length > 0 || atNs - kernel.heardNs < quietNs;
      const everyNs = isEdge ? 0 : busy ? busyEveryNs : quietEveryNs;
      const usage = this.#usage(kernel.tree, atNs, everyNs);
      const { cpuNs, residentBytes } = usage;
      groups.push({ kernelId: kernel.id, cpuNs, residentBytes, ...gpuNs(kernel.tree) });
      sampled(kernel, usage);
    }
    for (const { id, tree } of guests) {
      const { cpuNs, residentBytes } = this.#usage(tree, atNs, 0);
      groups.push({ kernelId: id, cpuNs, residentBytes, ...gpuNs(tree) });
    }
    const { user, system } = process.cpuUsage();
    const meterCpuNs = (user + system) * 1e3;
    return {
      atNs,
      machineBusyNs: this.#machineBusy(groups, meterCpuNs),
      cpus: this.#processor.threads,
      cores: this.#processor.cores,
      groups,
      meterCpuNs,
      residentTotalBytes: this.#used(atNs)
    };
  }

  /** Closes the files it reads. */
  close(): void {
    this.#clock.close();
  }

  #usage(tree: ProcessTree, atNs: number, everyNs: number): TreeUsage {
    const known = this.#known.get(tree);
    if (known && atNs - known.atNs < everyNs) return known;
    let grownNs = known?.grownNs ?? -Infinity;
    if (atNs - grownNs >= growEveryNs) {
      tree.grow();
      grownNs = atNs;
    }
    const usage = { ...tree.sample(), atNs, grownNs };
    this.#known.set(tree, usage);
    return usage;
  }

  /** Ticks of 10 ms lag behind: the machine was busy at least as long as those we know of. */
  #machineBusy(groups: ActivityGroup[], meterCpuNs: number): number {
    const groupsNs = groups.reduce((sum, { cpuNs }) => sum + cpuNs, meterCpuNs);
    const advance = Math.max(0, groupsNs - this.#groupsNs);
    const known = this.#groupsNs > 0 ? this.#busyNs + advance : 0;
    this.#groupsNs = groupsNs;
    const counted = this.#clock.busyNs();
    // Known time runs ahead of the ticks by a few of them at most, or it is another thing.
    const ahead = known - counted;
    this.#busyNs = Math.max(this.#busyNs, ahead > 0 && ahead < 1e8 ? known : counted);
    return this.#busyNs;
  }

  #used(atNs: number): number {
    if (atNs - this.#usedAtNs > growEveryNs) {
      this.#usedAtNs = atNs;
      try {
        this.#usedBytes = machineMemory().usedBytes;
      } catch {
        // No file can be opened now, which the look for processes tells: what was known stands.
      }
    }
    return this.#usedBytes;
  }
}
