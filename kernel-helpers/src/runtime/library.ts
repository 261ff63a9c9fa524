import koffi, { type LibraryHandle } from 'koffi';
import {
  type CApi,
  copyFromDeclarations,
  copyToDeclarations,
  executeDeclarations,
  libcDeclarations,
  malloptDeclarations,
  tensorflowDeclarations
} from './c-api.ts';
import { type Address, bind } from './declarations.ts';
import { TensorFlowError, type TensorFlowErrorCode } from './errors.ts';
import type { LibraryFiles } from './find-library.ts';
import { OpDefinitions } from './op-definitions.ts';
import { testedVersion, untestedWarning } from './version.ts';

/** XLA compiles on the thread that calls; LLVM needs more stack than koffi's own default. */
const stackBytes = 16 * 1024 * 1024;

/** TensorFlow's codes of failures that have a name of their own here. */
const codeNames: Record<number, TensorFlowErrorCode> = {
  3: 'tensorflow/input',
  8: 'tensorflow/memory'
};

/** Memory of C that JavaScript sees as well. */
export interface SharedWords {
  readonly address: Address;
  readonly words: Uint32Array;
}

/** TensorFlow's shared libraries in this process. */
export class Library {
  readonly api: CApi;
  readonly version: string;
  /** Every call reports here; it is reset whenever an error is thrown. */
  readonly status: Address;
  /** TFE_Execute with the addresses of its results and of their number. */
  readonly execute: (operation: Address, results: Address, count: Address, status: Address) => void;
  readonly copyTo: (to: Address, from: ArrayBufferView, bytes: number) => void;
  readonly copyFrom: (to: ArrayBufferView, from: Address, bytes: number) => void;
  /** What TensorFlow says of its operations. */
  readonly definitions: OpDefinitions;
  readonly #malloc: (bytes: number) => Address;
  readonly #texts = new Map<string, Address>();

  /**
   * Loads the libraries.
   * @param files Where they are.
   * @throws TensorFlowError `tensorflow/missing` when they cannot be loaded, `tensorflow/symbols` when they lack a function.
   */
  constructor(files: LibraryFiles) {
    // TensorFlow writes to standard error as it loads, which a notebook would show.
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
    // Without oneDNN, which TensorFlow leaves out on older processors, convolutions know no NCHW and no dilation by channel, and take longer.
    process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
    koffi.config({ sync_stack_size: stackBytes, async_stack_size: stackBytes });
    const libc = koffi.load(process.platform === 'darwin' ? 'libSystem.B.dylib' : 'libc.so.6');
    const { malloc, dlopen } = bind([libc], libcDeclarations, absent('libc'));
    this.#malloc = malloc;
    if (process.platform === 'linux') keepFreedMemory(libc);
    this.copyTo = bind([libc], copyToDeclarations, absent('libc')).memcpy;
    this.copyFrom = bind([libc], copyFromDeclarations, absent('libc')).memcpy;
    const libraries = load(files);
    for (const path of [files.framework, files.core]) dlopen(path, pinned);
    this.api = bind(libraries, tensorflowDeclarations, absent(files.core));
    this.execute = bind(libraries, executeDeclarations, absent(files.core)).TFE_Execute;
    this.version = this.api.TF_Version();
    this.status = this.api.TF_NewStatus();
    this.definitions = new OpDefinitions(this);
    const warning = untestedWarning(this.version, files.folder);
    if (warning) process.emitWarning(warning, { code: 'JOULEBOOK_TENSORFLOW_VERSION' });
  }

  /**
   * The address of a C string that lives as long as the process.
   * @param text Few different ones: names of operations and attributes.
   * @returns Its address.
   */
  text(text: string): Address {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const bytes = Buffer.from(`${text}\0`, 'utf8');
    const address = this.#malloc(bytes.length);
    this.copyTo(address, bytes, bytes.length);
    this.#texts.set(text, address);
    return address;
  }

  /**
   * Memory that lives as long as the process.
   * @param count How many words of 32 bits.
   * @returns Its address and its words.
   */
  sharedWords(count: number): SharedWords {
    const address = this.#malloc(4 * count);
    return { address, words: new Uint32Array(koffi.view(address, 4 * count)) };
  }

  /**
   * Throws what the last call reported, if it failed.
   * @param what What was being done, for the message.
   * @param code The code to give where TensorFlow's own has no name here.
   * @throws TensorFlowError with TensorFlow's text.
   */
  check(what: string, code: TensorFlowErrorCode = 'tensorflow/operation'): void {
    const failure = this.api.TF_GetCode(this.status);
    if (failure !== 0) throw this.#error(what, code, failure);
  }

  #error(what: string, code: TensorFlowErrorCode, failure: number): TensorFlowError {
    const text = this.api.TF_Message(this.status).replace(/\{\{function_node [^}]*\}\}\s*/g, '');
    this.api.TF_SetStatus(this.status, 0, '');
    return new TensorFlowError(codeNames[failure] ?? code, text, { operation: what });
  }

  /**
   * Copies a TF_Buffer's bytes.
   * @param buffer The buffer; it is not deleted.
   * @returns Its bytes.
   */
  readBuffer(buffer: Address): Buffer {
    const head = new BigUint64Array(2);
    this.copyFrom(head, buffer, 16);
    const bytes = Buffer.alloc(Number(head[1]));
    if (bytes.length > 0) this.copyFrom(bytes, Number(head[0]), bytes.length);
    return bytes;
  }
}

/**
 * Lets the process keep memory that a step frees: given back to the system, each page is cleared again for the next step, which takes
 * longer than some steps do. The numbers are M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of glibc's malloc.h, the latter at its highest.
 */
function keepFreedMemory(libc: LibraryHandle): void {
  const { mallopt } = bind([libc], malloptDeclarations, absent('libc'));
  mallopt(-1, 256 * 2 ** 20);
  mallopt(-3, 32 * 2 ** 20);
}

/** RTLD_LAZY, RTLD_GLOBAL and RTLD_NODELETE: unloaded at exit while TensorFlow's threads run, the process would crash. */
const pinned = process.platform === 'darwin' ? 0x1 | 0x8 | 0x80 : 0x1 | 0x100 | 0x1000;

function load(files: LibraryFiles): LibraryHandle[] {
  try {
    const options = { global: true, lazy: true };
    const framework = koffi.load(files.framework, options);
    return [koffi.load(files.core, options), framework];
  } catch (cause) {
    throw new TensorFlowError(
      'tensorflow/missing',
      `TensorFlow's libraries in ${files.folder} (found by ${files.reason}) cannot be loaded: ${(cause as Error).message}`,
      { cause }
    );
  }
}

function absent(library: string): (names: string[]) => TensorFlowError {
  return names =>
    new TensorFlowError(
      'tensorflow/symbols',
      `${library} lacks ${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}; install TensorFlow ${testedVersion}`
    );
}
