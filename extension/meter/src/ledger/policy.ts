import { apportion } from './apportion.ts';
import type { Policy } from './types.ts';

/** A span's energy before it is rounded: who is thought to have used how much. */
export interface Shares {
  /** Energy above idle by kernel, in microjoules. */
  kernels: Map<string, number>;
  other: number;
  idle: number;
  /** CPU seconds by kernel and of everything else; idle energy is split by them. */
  cpu: Map<string, number>;
  cpuOther: number;
}

/** A cell's window that covers a whole span. */
export interface Holder {
  id: string;
  kernelId: string;
  policy: Policy;
}

/** A span's energy in integer microjoules; the parts add up to what was split. */
export interface Split {
  cells: Map<string, number>;
  background: Map<string, number>;
  other: number;
  idle: number;
}

/**
 * Splits what the counter advanced in a span among the windows that cover it.
 * Windows of the policy `exclusive` take everything, several of them by their CPU time.
 */
export function splitByPolicy(microjoules: number, shares: Shares, holders: Holder[]): Split {
  const exclusive = holders.filter(holder => holder.policy === 'exclusive');
  const weights = exclusive.length > 0 ? shareAll(shares, exclusive) : shareActive(shares, holders);
  const parts = apportion(
    microjoules,
    weights.map(weight => Math.max(0, weight.microjoules))
  );
  const split: Split = { cells: new Map(), background: new Map(), other: 0, idle: 0 };
  weights.forEach(({ to, key }, i) => {
    if (to === 'cells' || to === 'background') split[to].set(key, parts[i]!);
    else split[to] = parts[i]!;
  });
  return split;
}

interface Weight {
  to: 'cells' | 'background' | 'other' | 'idle';
  key: string;
  microjoules: number;
}

function shareAll(shares: Shares, holders: Holder[]): Weight[] {
  const cpu = holders.map(holder => shares.cpu.get(holder.kernelId) ?? 0);
  const known = cpu.some(seconds => seconds > 0);
  return holders.map((holder, i) => ({
    to: 'cells',
    key: holder.id,
    microjoules: known ? cpu[i]! : 1
  }));
}

function shareActive(shares: Shares, holders: Holder[]): Weight[] {
  const weights: Weight[] = [];
  let cpuTotal = shares.cpuOther;
  for (const seconds of shares.cpu.values()) cpuTotal += seconds;
  let idle = shares.idle;
  for (const [kernelId, active] of shares.kernels) {
    const own = holders.filter(holder => holder.kernelId === kernelId);
    if (own.length === 0) weights.push({ to: 'background', key: kernelId, microjoules: active });
    for (const holder of own) {
      const part = cpuTotal > 0 ? (shares.cpu.get(kernelId) ?? 0) / cpuTotal : 0;
      const extra = holder.policy === 'share-idle' ? (shares.idle * part) / own.length : 0;
      idle -= extra;
      weights.push({ to: 'cells', key: holder.id, microjoules: active / own.length + extra });
    }
  }
  weights.push({ to: 'other', key: '', microjoules: shares.other });
  weights.push({ to: 'idle', key: '', microjoules: idle });
  return weights;
}
