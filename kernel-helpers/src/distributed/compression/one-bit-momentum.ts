import { checkNumber } from '../../errors.ts';
import { sizeOfParts, type Compression } from './compression.ts';
import { sendSigns } from './signs.ts';

/** Options of 1-bit Adam's exchange; the same as those of the optimiser that follows. */
export interface OneBitMomentumOptions {
  /** Steps during which gradients are averaged in full, at least 1. */
  warmup: number;
  /** Decay β₁ of the running mean. @default 0.9 */
  beta1?: number;
}

/**
 * The exchange of 1-bit Adam: after the warm-up not gradients but their running means are averaged, as signs with error feedback. What it
 * gives back is the gradient that leads to that mean, so the optimiser is `onebit.oneBitAdam(rate, { warmup, beta1, compressor: exact })`,
 * which freezes the mean square at the same step.
 * @param options Warm-up and decay.
 * @returns The compression.
 * @throws HelperError `input/value` for a warm-up that is no whole number of at least 1, or a decay outside 0 to 1.
 * @see Tang et al. 2021, arXiv:2102.02888, algorithm 1; the averages are gathered, so no server compresses a second time
 */
export function oneBitMomentum(options: OneBitMomentumOptions): Compression {
  const warmup = checkNumber('warmup', options.warmup, { from: 1, integer: true });
  const beta1 = checkNumber('beta1', options.beta1 ?? 0.9, { from: 0, below: 1 });
  return {
    name: 'oneBitMomentum',
    start(parts) {
      const size = sizeOfParts(parts);
      const [momentum, error] = [new Float32Array(size), new Float32Array(size)];
      let step = 0;
      return {
        async mean(group, gradient) {
          if (step++ < warmup) {
            const mean = await group.allReduce(gradient, 'mean');
            for (let i = 0; i < size; i++)
              momentum[i] = beta1 * momentum[i]! + (1 - beta1) * mean[i]!;
            return mean;
          }
          const wanted = gradient.map((g, i) => beta1 * momentum[i]! + (1 - beta1) * g + error[i]!);
          const { mean, sent } = await sendSigns(group, parts, wanted);
          const equivalent = new Float32Array(size);
          for (let i = 0; i < size; i++) {
            error[i] = wanted[i]! - sent[i]!;
            equivalent[i] = (mean[i]! - beta1 * momentum[i]!) / (1 - beta1);
            momentum[i] = mean[i]!;
          }
          return equivalent;
        }
      };
    }
  };
}
