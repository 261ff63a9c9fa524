import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Interrupted, KernelError } from '../errors.ts';
import { currentExecution } from './context.ts';
import type { ModuleLoader } from './modules.ts';
import { trackTimers } from './timers.ts';

/** What cells find on `globalThis` beside Node's own. */
export interface CellGlobals {
  /** The notebook's folder. */
  folder: string;
  modules: ModuleLoader;
  /** What libraries find under a symbol, such as the function that shows things. */
  shared: readonly (readonly [symbol: symbol, value: unknown])[];
  input: (prompt?: string, options?: { password?: boolean }) => string;
}

/** Puts the kernel's functions where cells and their compiled scripts find them. */
export function installGlobals({ folder, modules, shared, input }: CellGlobals): void {
  trackTimers();
  const file = join(folder, 'notebook.ts');
  const runtime = Object.freeze({
    import: (name: unknown, options?: ImportCallOptions) => modules.import(name, options),
    meta: Object.freeze({
      url: pathToFileURL(file).href,
      filename: file,
      dirname: dirname(file),
      resolve: (name: unknown) => modules.resolve(String(name))
    }),
    go: passUnlessCancelled
  });
  define('__joulebook', runtime);
  define('require', modules.require);
  define('__filename', file);
  define('__dirname', folder);
  define('input', input);
  for (const [symbol, value] of shared) define(symbol, value);
  process.exit = (code?: number | string | null): never => {
    throw new KernelError(
      'exit/refused',
      `process.exit(${code ?? ''}) would end the kernel and lose its variables; restart it from the menu instead`
    );
  };
}

/** Every `await` of a cell passes its operand through here: after an interrupt it goes no further. */
function passUnlessCancelled<Value>(value: Value): Value {
  if (currentExecution()?.cancelled === true) throw new Interrupted();
  return value;
}

function define(name: string | symbol, value: unknown): void {
  Object.defineProperty(globalThis, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: false
  });
}
