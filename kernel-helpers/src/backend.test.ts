import * as tf from '@tensorflow/tfjs';
import { device } from './backend.ts';
import { useWasm } from './wasm.ts';

describe('the backend', () => {
  it('is WebAssembly after useWasm, and says so', async () => {
    expect(await useWasm()).toEqual({
      backend: 'wasm',
      description: expect.stringContaining('WebAssembly') as string
    });
    expect(tf.tensor1d([1, 2]).sum().dataSync()[0]).toBe(3);
  });

  it('is named in words whichever it is', async () => {
    await tf.setBackend('cpu');
    expect(await device()).toEqual({
      backend: 'cpu',
      description: 'plain JavaScript on one processor core'
    });
  });
});
