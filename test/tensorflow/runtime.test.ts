import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import {
  tensorflow,
  TensorFlowError,
  useTensorFlow
} from '../../kernel-helpers/src/runtime/index.ts';
import { AttributeKind, DataType } from '../../kernel-helpers/src/runtime/types.ts';

const doubling = fileURLToPath(new URL('fixtures/doubling', import.meta.url));
const suffix = process.platform === 'darwin' ? '2.dylib' : 'so.2';
const folder = mkdtempSync(join(tmpdir(), 'joulebook-tensorflow-'));

function coded(code: string): (error: unknown) => boolean {
  return error => error instanceof TensorFlowError && error.code === code;
}

before(async () => void (await useTensorFlow({ fallback: 'none' })));
after(() => rmSync(folder, { recursive: true }));

describe('TensorFlow', () => {
  it('computes, and says on which device and why', async () => {
    const device = await useTensorFlow();
    assert.equal(device.backend, 'tensorflow');
    assert.match(device.description, /^TensorFlow \d+\.\d+\.\d+ on (CPU|GPU) \(.+\)$/);
    const x = tf.tensor2d([
      [1, 2],
      [3, 4]
    ]);
    assert.deepEqual(tf.matMul(x, x).arraySync(), [
      [7, 10],
      [15, 22]
    ]);
  });

  it('keeps int32, bool, complex64 and strings as they are', () => {
    assert.deepEqual([...tf.tensor1d([1, -2], 'int32').neg().dataSync()], [-1, 2]);
    assert.deepEqual([...tf.tensor1d([true, false]).logicalNot().dataSync()], [0, 1]);
    const product = tf.mul(tf.complex(1, 2), tf.complex(3, 4));
    assert.deepEqual([...product.dataSync()], [-5, 10]);
    assert.deepEqual(tf.concat([tf.tensor1d(['ä']), tf.tensor1d(['b'])]).arraySync(), ['ä', 'b']);
  });

  for (const [name, shape] of [
    ['MatMul', [2, 2]],
    ['BatchMatMulV2', [1, 2, 2]]
  ] as const) {
    it(`multiplies by ${name}, and names it when it cannot`, () => {
      const { backend } = tensorflow();
      const product = (...factors: tf.Tensor[]): tf.Tensor => {
        const type = { float32: DataType.float32, int32: DataType.int32 }[
          factors[0]!.dtype as 'int32'
        ];
        const attributes = [{ name: 'T', type: AttributeKind.type, value: type }];
        const ids = factors.map(factor => backend.idOf(factor));
        return backend.wrap(backend.binding.executeOp(name, attributes, ids, 1)[0]!);
      };
      const named = new RegExp(`^TensorFlowError \\[${name}\\]`);
      const twos = tf.fill([...shape], 2);
      for (let i = 0; i < 2; i++) {
        assert.deepEqual([...product(twos, twos).dataSync()], [8, 8, 8, 8]);
        assert.throws(() => product(twos, tf.ones([3, 2])), named);
      }
      const whole = tf.fill([...shape], 2, 'int32');
      assert.deepEqual([...product(whole, whole).dataSync()], [8, 8, 8, 8]);
    });
  }

  it('frees what is disposed of', () => {
    const { binding } = tensorflow().backend;
    const count = binding.getNumOfTensors();
    tf.tidy(() => void tf.ones([100]).add(1).square().dataSync());
    assert.equal(binding.getNumOfTensors(), count);
  });

  it("names the operation and keeps TensorFlow's words when an operation fails", () => {
    const { binding } = tensorflow().backend;
    assert.throws(() => tf.matMul(tf.ones([2, 3]), tf.ones([2, 3])), {
      code: 'tensorflow/input',
      operation: 'BatchMatMulV2',
      message: /\[2,3\]/
    });
    assert.throws(() => binding.executeOp('NoSuchOperation', [], [], 1), {
      code: 'tensorflow/operation',
      operation: 'NoSuchOperation'
    });
    assert.deepEqual([...tf.add(1, 1).dataSync()], [2]);
  });

  it('refuses a tensor that was disposed of, and says which', () => {
    const x = tf.ones([2, 3]);
    x.dispose();
    assert.throws(() => tf.add(x, 1), {
      code: 'tensorflow/disposed',
      message: /float32 \[2,3\].*tf\.keep/
    });
    assert.deepEqual([...tf.add(1, 1).dataSync()], [2]);
  });

  it('refuses values that do not fill the shape', () => {
    const { binding } = tensorflow().backend;
    assert.throws(
      () => binding.createTensor([3], 1, Float32Array.of(1, 2)),
      /expected 12 bytes for a tensor of shape \[3\], got 8/
    );
  });
});

describe('what tfjs-node offers besides', () => {
  it('loads and runs a SavedModel', async () => {
    const model = await tensorflow().node.loadSavedModel(doubling);
    const result = model.predict(tf.tensor2d([[1, 2]])) as tf.Tensor;
    assert.deepEqual(result.arraySync(), [[2, 4]]);
    assert.equal(tensorflow().node.getNumOfSavedModels(), 1);
    model.dispose();
    assert.equal(tensorflow().node.getNumOfSavedModels(), 0);
  });

  it('refuses a SavedModel that is corrupt', async () => {
    const corrupt = join(folder, 'corrupt');
    cpSync(doubling, corrupt, { recursive: true });
    writeFileSync(
      join(corrupt, 'saved_model.pb'),
      readFileSync(join(doubling, 'saved_model.pb')).subarray(0, 60)
    );
    const { node } = tensorflow();
    for (const place of [corrupt, join(folder, 'none')]) {
      await assert.rejects(node.loadSavedModel(place), {
        code: 'tensorflow/saved-model',
        message: new RegExp(`${place}.*again`)
      });
      await assert.rejects(
        node.getMetaGraphsFromSavedModel(place),
        coded('tensorflow/saved-model')
      );
    }
    const { binding } = tensorflow().backend;
    assert.throws(() => binding.loadSavedModel(corrupt, 'serve'), coded('tensorflow/saved-model'));
    assert.throws(() => binding.loadSavedModel(doubling, 'train'), coded('tensorflow/saved-model'));
    assert.throws(() => binding.runSavedModel(99, [], '', 'y:0'), coded('tensorflow/saved-model'));
  });

  it('saves and loads models as files', async () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
    await model.save(`file://${join(folder, 'model')}`);
    const loaded = await tf.loadLayersModel(`file://${join(folder, 'model', 'model.json')}`);
    const x = tf.ones([1, 3]);
    assert.deepEqual(
      (loaded.predict(x) as tf.Tensor).arraySync(),
      (model.predict(x) as tf.Tensor).arraySync()
    );
  });

  it('encodes and decodes images', async () => {
    const { node } = tensorflow();
    const image = tf.tensor3d([0, 64, 128, 255], [2, 2, 1], 'int32');
    const png = await node.encodePng(image);
    assert.deepEqual(node.decodePng(png).arraySync(), image.arraySync());
    const jpeg = await node.encodeJpeg(tf.fill<tf.Rank.R3>([8, 8, 3], 90, 'int32'));
    assert.deepEqual(node.decodeImage(jpeg).shape, [8, 8, 3]);
    assert.throws(() => node.decodePng(png.subarray(0, 20)), TensorFlowError);
  });

  it('writes summaries as records that TensorBoard reads', () => {
    const logs = join(folder, 'logs');
    const writer = tensorflow().node.summaryFileWriter(logs);
    writer.scalar('loss', 0.5, 7);
    writer.histogram('weights', tf.tensor1d([1, 2, 2, 3]), 7);
    writer.flush();
    const [file] = readdirSync(logs);
    const records = recordsOf(readFileSync(join(logs, file!)));
    assert.equal(records.length, 3);
    assert.match(records[0]!.toString('latin1'), /brain\.Event:2/);
    assert.match(records[1]!.toString('latin1'), /loss/);
    assert.match(records[2]!.toString('latin1'), /weights/);
  });
});

describe('starting and ending', () => {
  const runtime = fileURLToPath(
    new URL('../../kernel-helpers/src/runtime/index.ts', import.meta.url)
  );
  // A process of its own: the libraries stay loaded once they are.
  const run = (code: string, env: NodeJS.ProcessEnv = {}): string =>
    execFileSync(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        '--input-type=module',
        '-e',
        `const { useTensorFlow, tensorflow } = await import(${JSON.stringify(runtime)});\n${code}`
      ],
      {
        encoding: 'utf8',
        cwd: fileURLToPath(new URL('.', import.meta.url)),
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'ignore']
      }
    ).trim();

  it('computes with WebAssembly where there is no TensorFlow', () => {
    const output = run('console.log((await useTensorFlow()).backend)', {
      JOULEBOOK_TENSORFLOW: join(folder, 'nowhere')
    });
    assert.equal(output, 'wasm');
  });

  it('says what to install where nothing else may compute', () => {
    const output = run(
      `await useTensorFlow({ fallback: 'none' }).catch(({ code, message }) => console.log(code, message))`,
      { JOULEBOOK_TENSORFLOW: join(folder, 'nowhere') }
    );
    assert.match(output, /^tensorflow\/missing .*nowhere.*pip install --no-deps "tensorflow-cpu/);
  });

  it('refuses libraries that cannot be loaded or lack functions', () => {
    const fake = (name: string, make: (file: string) => void): string => {
      const place = join(folder, name);
      mkdirSync(place);
      for (const part of ['framework', 'cc']) make(join(place, `libtensorflow_${part}.${suffix}`));
      return run(
        `await useTensorFlow({ fallback: 'none' }).catch(({ code, message }) => console.log(code, message))`,
        { JOULEBOOK_TENSORFLOW: place }
      );
    };
    assert.match(
      fake('empty', file => writeFileSync(file, '')),
      /^tensorflow\/missing .*empty/
    );
    const framework = join(tensorflow().folder, `libtensorflow_framework.${suffix}`);
    assert.match(
      fake('half', file => symlinkSync(framework, file)),
      /^tensorflow\/symbols .*lacks .* more; install TensorFlow/
    );
  });

  it('tries a version that the tests do not know, and says so', () => {
    // Stands between koffi and the library: TF_Version answers otherwise, all else is TensorFlow's own.
    const otherVersion = `
      const koffi = (await import('koffi')).default;
      const { load } = koffi;
      koffi.load = (...args) => {
        const library = load(...args);
        const func = library.func.bind(library);
        return { func: (name, ...types) => name === 'TF_Version' ? func(name, ...types) && (() => '2.99.0') : func(name, ...types) };
      };`;
    const output = run(`${otherVersion}
      process.on('warning', ({ code, message }) => code && console.log(code, message));
      const { description } = await useTensorFlow({ fallback: 'none' });
      const tf = await import('@tensorflow/tfjs');
      await new Promise(setImmediate);
      console.log(description.slice(0, 17), tf.add(1, 1).dataSync()[0]);`);
    const [warning, result] = output.split('\n');
    assert.match(warning!, /^JOULEBOOK_TENSORFLOW_VERSION TensorFlow 2\.99\.0 in \S+ is untested/);
    assert.equal(result, 'TensorFlow 2.99.0 2');
  });

  it('refuses a GPU that is not there', () => {
    const output = run(
      `await useTensorFlow({ device: 'gpu:77' }).catch(({ code }) => console.log(code))`
    );
    assert.equal(output, 'tensorflow/device');
  });

  it('refuses to compute once it is closed, and starts again', () => {
    const output = run(`
      const tf = await import('@tensorflow/tfjs');
      await useTensorFlow();
      const x = tf.ones([2]);
      x.dataSync();
      const { binding } = tensorflow().backend;
      tensorflow().close();
      try { binding.executeOp('NoOp', [], [], 0); } catch ({ code }) { console.log(code); }
      try { tensorflow(); } catch ({ code }) { console.log(code); }
      await useTensorFlow();
      console.log(tf.add(1, 1).dataSync()[0]);`);
    assert.deepEqual(output.split('\n'), ['tensorflow/closed', 'tensorflow/not-started', '2']);
  });
});

/** The records of a file: length, checksum, bytes, checksum. */
function recordsOf(file: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < file.length;) {
    const length = Number(file.readBigUInt64LE(at));
    records.push(file.subarray(at + 12, at + 12 + length));
    at += 16 + length;
  }
  return records;
}
