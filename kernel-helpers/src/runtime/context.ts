import type { Address } from './declarations.ts';
import { TensorFlowError } from './errors.ts';
import type { Library } from './library.ts';
import { field, integer, message } from './protobuf.ts';

/** What the context of TensorFlow is asked for. */
export interface ContextOptions {
  /**
   * `cpu`, `gpu` (the first one) or `gpu:N`. `gpu` where TensorFlow sees one, else `cpu`.
   * @default $JOULEBOOK_DEVICE, else automatic
   */
  device?: string;
  /**
   * Whether memory of the GPU is taken as it is needed rather than all at once.
   * @default true
   */
  memoryGrowth?: boolean;
  /**
   * Threads for one operation; 0 lets TensorFlow choose.
   * @default 0
   */
  threads?: number;
}

/** An eager context: what runs operations, and where. */
export interface Context {
  readonly address: Address;
  /** Full name of the device that tensors are kept on. */
  readonly device: string;
  /** `CPU` or `GPU`. */
  readonly kind: string;
  /** Why this device, in words. */
  readonly reason: string;
}

/** Copies between devices happen silently, as in Python. */
const silentPlacement = 2;

/**
 * Opens a context on one device. Only that device is shown to TensorFlow, so that tensors cannot stray to another GPU.
 * @param library TensorFlow.
 * @param options Which device, and how much of it.
 * @returns The context.
 * @throws TensorFlowError `tensorflow/device` when the device asked for is unknown or absent.
 */
export function openContext(library: Library, options: ContextOptions = {}): Context {
  const asked = options.device ?? process.env.JOULEBOOK_DEVICE;
  const wanted = /^(cpu|gpu)(?::(\d+))?$/i.exec(asked ?? 'gpu');
  if (!wanted) {
    throw new TensorFlowError(
      'tensorflow/device',
      `expected device to be "cpu", "gpu" or "gpu:N", got "${asked}"`
    );
  }
  const wantsGpu = wanted[1]!.toLowerCase() === 'gpu';
  const address = newContext(library, config(wantsGpu, wanted[2] ?? '0', options));
  const devices = listDevices(library, address);
  const gpu = wantsGpu ? devices.find(({ type }) => type === 'GPU') : undefined;
  if (asked && wantsGpu && !gpu) {
    library.api.TFE_DeleteContext(address);
    throw new TensorFlowError(
      'tensorflow/device',
      `expected TensorFlow to see the device "${asked}", it sees ${devices.map(({ name }) => name).join(', ')}; on a machine with an NVIDIA GPU install "tensorflow[and-cuda]", or leave the device out`
    );
  }
  const chosen = gpu ?? devices.find(({ type }) => type === 'CPU')!;
  const reason = asked
    ? `"${asked}" was asked for`
    : gpu
      ? 'TensorFlow sees this GPU'
      : 'TensorFlow sees no GPU here';
  return { address, device: chosen.name, kind: chosen.type, reason };
}

/**
 * Opens an eager context.
 * @param library TensorFlow.
 * @param proto A ConfigProto in protobuf's wire format.
 * @returns Its address; the caller deletes it.
 * @throws TensorFlowError `tensorflow/device` when TensorFlow refuses it.
 */
export function newContext(library: Library, proto: Buffer): Address {
  const { api, status } = library;
  const options = api.TFE_NewContextOptions();
  try {
    api.TFE_ContextOptionsSetConfig(options, proto, proto.length, status);
    library.check('the configuration of TensorFlow');
    api.TFE_ContextOptionsSetDevicePlacementPolicy(options, silentPlacement);
    const address = api.TFE_NewContext(options, status);
    library.check('starting TensorFlow', 'tensorflow/device');
    return address;
  } finally {
    api.TFE_DeleteContextOptions(options);
  }
}

function listDevices(library: Library, context: Address): { name: string; type: string }[] {
  const { api, status } = library;
  const list = api.TFE_ContextListDevices(context, status);
  library.check('listing devices');
  const devices = Array.from({ length: api.TF_DeviceListCount(list) }, (_, i) => ({
    name: api.TF_DeviceListName(list, i, status),
    type: api.TF_DeviceListType(list, i, status)
  }));
  api.TF_DeleteDeviceList(list);
  return devices;
}

/** A ConfigProto in protobuf's wire format; the numbers are the fields of tensorflow/core/protobuf/config.proto. */
function config(wantsGpu: boolean, index: string, options: ContextOptions): Buffer {
  const noGpu = field(1, message(field(1, 'GPU'), integer(2, 0)));
  const gpuOptions = message(integer(4, (options.memoryGrowth ?? true) ? 1 : 0), field(5, index));
  const threads = options.threads ? [integer(2, options.threads)] : [];
  return message(...threads, wantsGpu ? field(6, gpuOptions) : noGpu);
}
