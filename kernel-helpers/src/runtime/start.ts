import type * as Tf from '@tensorflow/tfjs';
import type { node as NodeApi } from '@tensorflow/tfjs-node-gpu/dist/node.js';
import type * as NodeIo from '@tensorflow/tfjs-node-gpu/dist/io/index.js';
import { type Device, useWasm } from '../wasm.ts';
import type { TensorFlowBackend } from './backend.ts';
import { type ContextOptions, openContext } from './context.ts';
import { TensorFlowError } from './errors.ts';
import { loadLibrary } from './load.ts';
import { restoreLegacyUtil } from './legacy-util.ts';
import { withCodedErrors } from './saved-model-errors.ts';

/** How TensorFlow is found and started. */
export interface TensorFlowOptions extends ContextOptions {
  /**
   * Where TensorFlow is: its folder, its `site-packages` or a Python environment.
   * @default $JOULEBOOK_TENSORFLOW, else the active Python environment, a `.venv` above this folder, the Python on the PATH
   */
  library?: string;
  /**
   * What computes when there is no TensorFlow: WebAssembly after a warning, or nothing but an error.
   * @default 'wasm'
   */
  fallback?: 'wasm' | 'none';
}

/** TensorFlow as it runs in this process. */
export interface TensorFlow {
  /** Its version, such as `2.21.0`. */
  readonly version: string;
  /** The folder it was loaded from. */
  readonly folder: string;
  readonly device: Device;
  readonly backend: TensorFlowBackend;
  /** Images, SavedModels and TensorBoard summaries, as in tfjs-node's `tf.node`. */
  readonly node: typeof NodeApi;
  /** Files and HTTP for models, as in tfjs-node's `tf.io`. */
  readonly io: Pick<typeof NodeIo, 'fileSystem' | 'nodeHTTPRequest'>;
  /** Ends it: its tensors are gone, and what still uses them throws `tensorflow/closed`. */
  close(): void;
}

let starting: Promise<TensorFlow> | undefined;
let running: TensorFlow | undefined;
let isMissing = false;

/**
 * Computes with TensorFlow from here on; while it runs, further calls change nothing (`close()` ends it). Without TensorFlow on this machine WebAssembly computes meanwhile, and a warning says so.
 * @param options Which library and device.
 * @returns What computes now.
 * @throws TensorFlowError `tensorflow/missing` without a fallback; `tensorflow/device` when the device asked for is absent.
 * @example await useTensorFlow({ device: 'gpu:1' })
 */
export async function useTensorFlow(options: TensorFlowOptions = {}): Promise<Device> {
  const tf = await import('@tensorflow/tfjs');
  try {
    starting ??= start(tf, options);
    running = await starting;
    isMissing = false;
    await tf.setBackend('tensorflow');
    return running.device;
  } catch (error) {
    starting = undefined;
    const missing = error instanceof TensorFlowError && error.code === 'tensorflow/missing';
    isMissing ||= missing;
    if (!missing || options.fallback === 'none') throw error;
    console.warn(`${error.message}\nComputing with WebAssembly meanwhile, several times slower.`);
    return useWasm();
  }
}

/**
 * The TensorFlow of this process.
 * @returns It.
 * @throws TensorFlowError `tensorflow/not-started` before `useTensorFlow`, or when WebAssembly computes instead.
 */
export function tensorflow(): TensorFlow {
  if (running) return running;
  throw new TensorFlowError(
    'tensorflow/not-started',
    'expected TensorFlow to run; call "await useTensorFlow()" first (it says so when TensorFlow is not installed)'
  );
}

/** Why TensorFlow does not compute, in words. */
export function whyNoTensorFlow(): string {
  return isMissing
    ? 'no TensorFlow was found on this machine'
    : 'TensorFlow was not started, "await useTensorFlow()" does';
}

async function start(tf: typeof Tf, options: TensorFlowOptions): Promise<TensorFlow> {
  const { library, files } = await loadLibrary(options.library);
  restoreLegacyUtil();
  const context = openContext(library, options);
  const [{ TensorFlowBackend }, { Binding }, { node }, io, { registerKernels }] = await Promise.all(
    [
      import('./backend.ts'),
      import('./binding.ts'),
      import('@tensorflow/tfjs-node-gpu/dist/node.js'),
      import('@tensorflow/tfjs-node-gpu/dist/io/index.js'),
      import('./register.ts')
    ]
  );
  const backend = new TensorFlowBackend(new Binding(library, context));
  registerKernels();
  tf.registerBackend('tensorflow', () => backend, 3);
  return {
    version: library.version,
    folder: files.folder,
    device: {
      backend: 'tensorflow',
      description: `TensorFlow ${library.version} on ${context.kind} (${context.reason}; library found by ${files.reason})`
    },
    backend,
    node: withCodedErrors(node),
    io,
    close: () => {
      running = starting = undefined;
      tf.removeBackend('tensorflow');
      backend.binding.close();
    }
  };
}
