import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

/** The symbol under which libraries find the text on `globalThis`. */
export const hardwareSymbol = Symbol.for('joulebook.hardware');

/**
 * What cells can compute on, found without loading anything: the GPUs' models, or the processor's and why there is no GPU.
 * @param root Where `/proc` and `/dev` are looked for. @default '/'
 * @param visible CUDA's list of the GPUs that a process may see.
 */
export function hardware(root = '/', visible = process.env.CUDA_VISIBLE_DEVICES): string {
  const gpus = nvidiaModels(join(root, 'proc/driver/nvidia/gpus'));
  const reason = whyNoGpu(gpus, root, visible);
  if (reason === undefined) return gpus.join(', ') || 'an NVIDIA GPU (through WSL)';
  return `the CPU (${cpus()[0]?.model.trim() ?? 'of unknown model'}): ${reason}`;
}

function whyNoGpu(
  gpus: readonly string[],
  root: string,
  visible: string | undefined
): string | undefined {
  const throughWindows = existsSync(join(root, 'usr/lib/wsl/lib/libnvidia-ml.so.1'));
  if (gpus.length === 0 && !throughWindows) {
    return existsSync(join(root, 'proc/driver/nvidia'))
      ? "NVIDIA's driver is loaded but finds no GPU"
      : 'no NVIDIA driver is loaded';
  }
  return visible === '' || visible === '-1'
    ? `CUDA_VISIBLE_DEVICES=${JSON.stringify(visible)} hides ${gpus.join(', ') || 'the GPU'}`
    : undefined;
}

function nvidiaModels(folder: string): string[] {
  try {
    return readdirSync(folder).map(gpu => {
      const text = readFileSync(join(folder, gpu, 'information'), 'utf8');
      return /Model:\s*(.+)/.exec(text)?.[1]?.trim() ?? 'an NVIDIA GPU';
    });
  } catch {
    return [];
  }
}
