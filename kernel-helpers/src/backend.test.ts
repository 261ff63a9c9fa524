import * as tf from '@tensorflow/tfjs';
import { device } from './backend.ts';
import { useTensorFlow } from './runtime/index.ts';
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
      description:
        'plain JavaScript on one processor core: TensorFlow was not started, "await useTensorFlow()" does'
    });
  });

  it('tells that no TensorFlow was found', async () => {
    const warn = jest.spyOn(console, 'warn').mockReturnValue(undefined);
    await useTensorFlow({ library: '/nowhere' });
    expect((await device()).description).toMatch(
      /^WebAssembly .+: no TensorFlow was found on this machine$/
    );
    warn.mockRestore();
  });
});
