import type * as tf from '@tensorflow/tfjs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { HelperError } from '../errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../io/safetensors.ts';
import { isLayersModel, layersNetwork } from '../training/network.ts';
import { release, type Tree } from '../tree.ts';
import { checkMasks, type Masks } from './masks.ts';

/**
 * Writes masks as safetensors of bytes, one per weight.
 * @param masks Masks.
 * @param model The Layers model they are for, if it is one: TensorFlow.js numbers its variables anew when the model is loaded again, so
 *   the file needs the names they were given.
 * @returns The file's bytes.
 */
export function encodeMasks(masks: Masks, model?: tf.LayersModel): Uint8Array {
  const given = new Map(
    model?.trainableWeights.map(({ name, originalName }) => [name, originalName])
  );
  const entries = Object.entries(masks).map(
    ([path, mask]) => [given.get(path) ?? path, mask] as const
  );
  const tensors = Object.fromEntries(entries);
  return encodeSafetensors({ tensors, metadata: { kind: 'masks' } });
}

/**
 * Reads what `encodeMasks` wrote, and checks that it fits a model.
 * @param file The file's bytes.
 * @param of Parameters or the Layers model that the masks are for.
 * @returns Masks, which belong to the caller.
 * @throws HelperError `io/format` for another file, `input/structure` or `input/shape` for masks of another model; no tensor is left.
 */
export function decodeMasks(file: Uint8Array, of: Tree | tf.LayersModel): Masks {
  const { tensors, metadata } = decodeSafetensors(file);
  try {
    if (metadata.kind !== 'masks') {
      throw new HelperError(
        'io/format',
        'expected a file that encodeMasks wrote, got one without that note'
      );
    }
    const variables = isLayersModel(of) ? of.trainableWeights : [];
    const own = new Map(variables.map(({ name, originalName }) => [originalName, name]));
    const named = Object.entries(tensors).map(
      ([path, mask]) => [own.get(path) ?? path, mask] as const
    );
    checkMasks(isLayersModel(of) ? layersNetwork(of).params : of, Object.fromEntries(named));
    return Object.fromEntries(named.map(([path, mask]) => [path, mask.clone()]));
  } finally {
    release(tensors);
  }
}

/**
 * Keeps masks in a file; a file that is there is replaced only once the new one is written.
 * @param path The file.
 * @param masks Masks.
 * @param model The Layers model they are for, if it is one.
 */
export async function saveMasks(path: string, masks: Masks, model?: tf.LayersModel): Promise<void> {
  await writeFile(`${path}.new`, encodeMasks(masks, model));
  await rename(`${path}.new`, path);
}

/**
 * Reads masks from a file, and checks that they fit a model.
 * @param path The file.
 * @param of Parameters or the Layers model that the masks are for.
 * @returns Masks, which belong to the caller.
 * @throws HelperError as `decodeMasks`.
 */
export async function loadMasks(path: string, of: Tree | tf.LayersModel): Promise<Masks> {
  const file = await readFile(path).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HelperError('io/format', `expected masks in ${path}: ${why}; saveMasks writes them`, {
      cause
    });
  });
  return decodeMasks(file, of);
}
