import * as tf from '@tensorflow/tfjs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leakCheck, numbers } from '../fixtures/leaks.ts';
import type { State } from '../tree.ts';
import {
  decodeSafetensors,
  decodeTree,
  encodeSafetensors,
  encodeTree,
  layersFiles
} from './index.ts';
import { coded } from '../fixtures/coded.ts';

const { own } = leakCheck();

describe('safetensors', () => {
  it('keeps every bit of float32, int32 and bool tensors', () => {
    const tensors = own({
      f: tf.tensor2d([
        [0, -0],
        [1e-45, NaN]
      ]),
      i: tf.tensor1d([-1, 2 ** 31 - 1], 'int32'),
      b: tf.tensor1d([true, false], 'bool'),
      empty: tf.zeros([0, 3])
    });
    const file = encodeSafetensors({ tensors, metadata: { made: 'here' } });
    const read = decodeSafetensors(file);
    own(read.tensors);
    expect(read.metadata).toEqual({ made: 'here' });
    expect(encodeSafetensors(read)).toEqual(file);
    expect(Object.is(numbers(read.tensors.f!)[1], -0)).toBe(true);
    expect(read.tensors.empty!.shape).toEqual([0, 3]);
  });

  it("reads a file's Buffer, whose memory holds more than the file", () => {
    const file = encodeSafetensors({ tensors: own({ x: tf.tensor1d([1, 2]) }) });
    const { tensors } = decodeSafetensors(Buffer.concat([Buffer.alloc(3), file]).subarray(3));
    expect(numbers(own(tensors).x!)).toEqual([1, 2]);
  });

  it('has the layout that other programs read', () => {
    const file = encodeSafetensors({ tensors: own({ x: tf.tensor1d([1]) }) });
    const length = Number(new DataView(file.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    expect(JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)))).toEqual({
      x: { dtype: 'F32', shape: [1], data_offsets: [0, 4] }
    });
    expect([...file.subarray(8 + length)]).toEqual([0, 0, 0x80, 0x3f]);
  });

  const withHeader = (header: string): Uint8Array => {
    const text = new TextEncoder().encode(header);
    const file = new Uint8Array(8 + text.length + 4);
    new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
    file.set(text, 8);
    return file;
  };

  it.each([
    ['too short', new Uint8Array(3)],
    ['a header longer than the file', new Uint8Array(16).fill(255)],
    ['no JSON', withHeader('nonsense')],
    ['no record', withHeader('[1]')],
    ['an unknown type', withHeader('{"x":{"dtype":"F8","shape":[1],"data_offsets":[0,4]}}')],
    ['offsets past the end', withHeader('{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}')],
    [
      'offsets that do not fit',
      withHeader('{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}')
    ]
  ])('refuses a file with %s', (_, file) => {
    expect(() => decodeSafetensors(file)).toThrow(coded('io/format'));
  });

  it('refuses tensors that were disposed of', () => {
    const gone = tf.scalar(1);
    gone.dispose();
    expect(() => encodeSafetensors({ tensors: { gone } })).toThrow(coded('input/disposed'));
  });

  it('refuses strings', () => {
    const tensors = own({ s: tf.tensor1d(['a'], 'string') });
    expect(() => encodeSafetensors({ tensors })).toThrow(coded('input/dtype'));
  });
});

describe('a tree', () => {
  it('comes back with its structure, its numbers and its tensors', () => {
    const tree: State = own({
      of: 'x',
      list: [tf.scalar(1), null, true, [tf.tensor1d([2])]],
      odd: [NaN, Infinity, -Infinity, 0.1, 'NaN'],
      none: {}
    });
    const read = own(decodeTree(encodeTree(tree)));
    expect(read).toMatchObject({ of: 'x', odd: [NaN, Infinity, -Infinity, 0.1, 'NaN'], none: {} });
    expect(numbers((read as { list: State }).list)).toEqual([1, 2]);
  });

  it('is refused where it holds what no file can', () => {
    expect(() => encodeTree({ a: { b: (() => 1) as never } })).toThrow('got function at a.b');
  });

  it('is not read from a file of other tensors, which leaves none behind', () => {
    const file = encodeSafetensors({ tensors: own({ x: tf.scalar(1) }) });
    expect(() => decodeTree(file)).toThrow('it has no outline');
  });
});

describe('layersFiles', () => {
  it('keeps a Layers model in a folder', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'joulebook-helpers-')), 'model');
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
    await model.save(layersFiles(folder));
    await model.save(layersFiles(folder));
    const again = await tf.loadLayersModel(layersFiles(folder));
    expect(again.getWeights().flatMap(numbers)).toEqual(model.getWeights().flatMap(numbers));
    [model, again].forEach(m => m.dispose());
    rmSync(folder, { recursive: true });
    await expect(tf.loadLayersModel(layersFiles(folder))).rejects.toMatchObject({
      code: 'io/format'
    });
  });
});
