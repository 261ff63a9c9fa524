import type { io } from '@tensorflow/tfjs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HelperError } from '../errors.ts';

/**
 * Keeps a TensorFlow.js Layers model in a folder, in TensorFlow.js's own format: `model.json` and `weights.bin`.
 * @param folder The folder; made when missing. A model that is there is replaced only once the new one is written.
 * @returns A handler for `model.save` and `tf.loadLayersModel`.
 * @example await model.save(layersFiles('mnist')); const again = await tf.loadLayersModel(layersFiles('mnist'));
 */
export function layersFiles(folder: string): io.IOHandler {
  return {
    save: artifacts => save(folder, artifacts),
    load: () => load(folder)
  };
}

async function save(folder: string, artifacts: io.ModelArtifacts): Promise<io.SaveResult> {
  const { weightData, weightSpecs = [], ...rest } = artifacts;
  const weights = joined(weightData);
  const manifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
  const model = JSON.stringify({ ...rest, weightsManifest: manifest });
  await mkdir(folder, { recursive: true });
  for (const [name, content] of [
    ['weights.bin', weights],
    ['model.json', model]
  ] as const) {
    await writeFile(join(folder, `${name}.new`), content);
  }
  await rm(join(folder, 'model.json'), { force: true });
  await rename(join(folder, 'weights.bin.new'), join(folder, 'weights.bin'));
  await rename(join(folder, 'model.json.new'), join(folder, 'model.json'));
  return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
}

async function load(folder: string): Promise<io.ModelArtifacts> {
  try {
    const text = await readFile(join(folder, 'model.json'), 'utf8');
    const { weightsManifest, ...rest } = JSON.parse(text) as io.ModelJSON;
    const parts = await Promise.all(
      weightsManifest.flatMap(({ paths }) => paths).map(path => readFile(join(folder, path)))
    );
    const bytes = new Uint8Array(Buffer.concat(parts));
    return {
      ...rest,
      weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
      weightData: bytes.buffer
    };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HelperError('io/format', `expected a TensorFlow.js model in ${folder}: ${why}`, {
      cause
    });
  }
}

function joined(data: io.WeightData | undefined): Buffer {
  const parts = data === undefined ? [] : Array.isArray(data) ? data : [data];
  return Buffer.concat(parts.map(part => Buffer.from(part)));
}
