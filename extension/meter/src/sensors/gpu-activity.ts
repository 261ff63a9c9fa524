import { type OpenGpu, nvmlGpu, openNvml, type ProcessShare } from './nvml-library.ts';
import type { SensorPlace } from './sensor.ts';

const nsPerUs = 1e3;
/** A process that has gone is forgotten after the tree it belonged to surely has been sampled. */
const mostProcesses = 4096;

interface Watched {
  device: string;
  gpu: OpenGpu;
  sinceUs: bigint;
}

/** GPU time by process, where the driver tells it: NVIDIA's per-process utilisation. */
export class GpuActivity {
  readonly #watched: Watched[] = [];
  /** GPU ns by process and device. */
  readonly #used = new Map<number, Map<string, number>>();

  /** Watches the GPUs among these sensors; `loadNative` must have run. */
  constructor(places: readonly SensorPlace[]) {
    const nowUs = BigInt(Date.now()) * 1000n;
    for (const { source, address, description } of places) {
      if (source !== 'nvml') continue;
      try {
        openNvml(String(address.library));
        const gpu = nvmlGpu(String(address.uuid));
        this.#watched.push({ device: description.device, gpu, sinceUs: nowUs });
      } catch {
        // The GPU went since it was found: the reader tells of it.
      }
    }
  }

  /** Asks the driver what was used since the last call. */
  sample(): void {
    for (const watched of this.#watched) {
      const shares = this.#shares(watched);
      for (const share of shares) this.#add(watched, share);
      for (const { untilUs } of shares) {
        if (untilUs > watched.sinceUs) watched.sinceUs = untilUs;
      }
    }
  }

  /** GPU ns of the processes that `holds` says yes to, by the device's name. */
  of(holds: (pid: number) => boolean): Record<string, number> {
    const ns: Record<string, number> = {};
    for (const [pid, devices] of this.#used) {
      if (!holds(pid)) continue;
      for (const [device, used] of devices) ns[device] = (ns[device] ?? 0) + used;
    }
    return ns;
  }

  #shares({ gpu, sinceUs }: Watched): ProcessShare[] {
    try {
      return gpu.processes(sinceUs) ?? [];
    } catch {
      return [];
    }
  }

  #add({ device, sinceUs }: Watched, { pid, untilUs, share }: ProcessShare): void {
    if (untilUs <= sinceUs) return;
    let devices = this.#used.get(pid);
    if (!devices) {
      devices = new Map();
      this.#used.set(pid, devices);
      const [oldest] = this.#used.keys();
      if (this.#used.size > mostProcesses && oldest !== undefined) this.#used.delete(oldest);
    }
    const ns = Number(untilUs - sinceUs) * nsPerUs * share;
    devices.set(device, (devices.get(device) ?? 0) + ns);
  }
}
