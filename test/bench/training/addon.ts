import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChildSide } from './child.ts';

const require = createRequire(import.meta.url);

/**
 * Compiles tfjs-node's addon against TensorFlow's wheel: its own installer fetches a libtensorflow of 2022 and fails on newer Node.
 * @param tensorflow The wheel's folder.
 * @param folder Where the addon goes; one that is there is used again.
 * @returns The addon's file.
 * @throws Error when there is no C++ compiler, or headers are missing.
 */
export function buildAddon(tensorflow: string, folder: string): string {
  const file = join(folder, 'tfjs_binding.node');
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  const addon = dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
  const includes = [
    addon,
    join(tensorflow, 'include'),
    join(process.execPath, '../../include/node')
  ];
  const libraries = ['cc', 'framework'].map(part => join(tensorflow, `libtensorflow_${part}.so.2`));
  execFileSync('c++', [
    ...['-shared', '-fPIC', '-O2', '-std=c++17', '-DNAPI_VERSION=8', '-o', file],
    ...includes.flatMap(include => ['-I', include]),
    ...['backend', 'binding'].map(part => join(addon, 'binding', `tfjs_${part}.cc`)),
    ...[...libraries, `-Wl,-rpath,${tensorflow}`]
  ]);
  return file;
}

/** Our runtime or the addon in a process of its own. */
export class OperationSide extends ChildSide {
  constructor(script: string, ...args: string[]) {
    const file = fileURLToPath(new URL(script, import.meta.url));
    super(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...args]);
  }

  /** Milliseconds for so many calls of one operation. */
  async time(operation: string, steps: number): Promise<number> {
    return Number((await this.ask({ operation, steps })).ms);
  }
}

/** The addon in a process of its own. */
export class AddonSide extends OperationSide {
  constructor(file: string) {
    super('addon-side.ts', file);
  }

  async build(task: object): Promise<void> {
    await this.ask(task);
  }
}
