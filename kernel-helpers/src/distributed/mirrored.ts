import * as tf from '@tensorflow/tfjs';
import type { Examples } from '../data/batches.ts';
import { checkNumber } from '../errors.ts';
import { loadLibrary } from '../runtime/load.ts';
import type { Exchange, Shared } from '../training/exchange.ts';
import { mapTree, release, type Tree } from '../tree.ts';
import { LocalDevices, type DeviceCount } from './in-graph/local-devices.ts';
import type { SharedGradient, Reduced } from './in-graph/shared-gradient.ts';
import { type OwnNotes, stepOf } from './in-graph/step-of.ts';
import { sharedOf, writeNotes } from './notes.ts';

/** Several devices of this process, as `fit` takes them for `workers`. */
export interface Mirrored extends Exchange {
  /** How many devices share each batch. */
  readonly devices: number;
  /** Frees the devices. */
  readonly close: () => Promise<void>;
}

/**
 * Lets `fit` train on several GPUs of this process: each computes its part of every batch, the gradients are summed between them inside the
 * step, and batch normalisation sees the whole batch. The numbers are those of one device. `gradientDescent`, and a loss that cannot be
 * recorded, use the one device of `useTensorFlow`. Parameters pass through main memory in each step; tried with virtual processors, not yet
 * on a machine with several GPUs.
 * @param devices The kind, and how many: at most 4, or UV_THREADPOOL_SIZE. Several of kind `cpu` are virtual ones, to try things out.
 * @returns What `fit` takes as `workers`.
 * @throws HelperError `input/value` for no or too many devices; TensorFlowError `tensorflow/missing` or `tensorflow/device`.
 * @example
 * const devices = await distributed.mirrored({ kind: 'gpu', count: 2 });
 * await fit(model, data, { loss, workers: devices });
 * await devices.close();
 */
export async function mirrored({ kind, count }: DeviceCount): Promise<Mirrored> {
  checkNumber('count', count, { from: 1, integer: true });
  const { library } = await loadLibrary();
  let local = new LocalDevices(library, { kind, count });
  const compute = async <P extends Tree>(
    gradient: SharedGradient<P>,
    params: P,
    batch: Examples,
    own: OwnNotes
  ): Promise<Shared> => {
    const parts = partsOf(batch, count);
    try {
      return await onAll(local, gradient, params, parts, own);
    } catch (error) {
      const spent = local;
      local = new LocalDevices(library, { kind, count });
      await spent.close();
      throw error;
    } finally {
      for (const part of parts) tf.dispose([part.inputs, part.targets]);
    }
  };
  return {
    devices: count,
    ...{ rank: 0, size: 1, localSteps: 1 },
    stepOf: (loss, optimizer) => stepOf(loss, optimizer, compute),
    average: ({ loss, gradient, reason }) => {
      const copy = mapTree(gradient, leaf => leaf.clone());
      return Promise.resolve({
        loss,
        gradient: copy,
        hasNewcomer: false,
        ...(reason && { reason })
      });
    },
    meet: ({ position, loss }) => Promise.resolve({ position, loss, hasNewcomer: false }),
    farthest: (step, bytes) => Promise.resolve({ step, bytes }),
    recover: error => (error ? Promise.reject(error) : Promise.resolve()),
    close: () => local.close()
  };
}

/** Computes a step on all devices, each of which waits for the others; all get the same result. */
async function onAll<P extends Tree>(
  local: LocalDevices,
  gradient: SharedGradient<P>,
  params: P,
  parts: readonly Examples[],
  own: OwnNotes
): Promise<Shared> {
  const runs = local.seats.map(async (seat, i) => {
    const examples = parts[i]!.inputs.shape[0] ?? 0;
    const notes = writeNotes({ loss: 0, examples, ...(i === 0 ? own : { isCompiled: false }) });
    return gradient.of(seat, params, parts[i]!, notes);
  });
  let results: Reduced<P>[];
  try {
    results = await Promise.all(runs);
  } catch (error) {
    local.abort();
    await Promise.allSettled(runs);
    throw error;
  }
  const [first, ...others] = results as [Reduced<P>, ...Reduced<P>[]];
  for (const { gradient: same, notes, moments } of others) {
    release([same, notes, ...moments.flatMap(({ mean, variance }) => [mean, variance])]);
  }
  return sharedOf(first, 1);
}

/** Cuts a batch into parts of about equal size, some of which may be empty. */
function partsOf({ inputs, targets }: Examples, count: number): Examples[] {
  const examples = inputs.shape[0];
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [i, i + 1].map(j => Math.floor((examples * j) / count)) as [number, number];
    const part = (tensor: tf.Tensor): tf.Tensor => tf.slice(tensor, from, to - from);
    return { inputs: part(inputs), targets: part(targets) };
  });
}
