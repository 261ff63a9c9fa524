import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KernelCommand } from './client.ts';

/** Another project's kernel that npm can install. */
interface Peer {
  name: string;
  /** What npm installs, pinned. */
  packages: string[];
  /** Its program below `node_modules/.bin`. */
  program: string;
  args: string[];
  env?: Record<string, string>;
}

const tensorFlow = '@tensorflow/tfjs@4.22.0';
const peers: Peer[] = [
  {
    name: 'tslab',
    packages: ['tslab@1.0.22', 'typescript@5.9.3'],
    program: 'tslab',
    args: ['kernel', '--config-path', '{connection_file}']
  },
  {
    name: 'deno',
    packages: ['deno@2.9.6'],
    program: 'deno',
    args: ['jupyter', '--kernel', '--conn', '{connection_file}'],
    env: { DENO_NO_UPDATE_CHECK: '1' }
  }
];

/** The other kernels, and a folder from which all of them can import TensorFlow.js. */
export interface Peers {
  commands: KernelCommand[];
  folder: string;
}

/**
 * Installs the other kernels below `.cache/peers`, each once; one that npm cannot install is left out, and told.
 * @param root The project's folder.
 */
export function installPeers(root: string): Peers {
  const place = join(root, '.cache/peers');
  const commands = peers.filter(peer => install(join(place, peer.name), peer.packages, peer.name));
  return {
    commands: commands.map(({ name, program, args, env }) => ({
      name,
      argv: [join(place, name, 'node_modules/.bin', program), ...args],
      env: { ...env, DENO_DIR: join(place, 'deno-cache') }
    })),
    folder: notebookFolder(root, place)
  };
}

/** A folder whose node_modules are the project's, as Deno looks for a package.json beside them. */
function notebookFolder(root: string, place: string): string {
  const folder = join(place, 'notebook');
  mkdirSync(folder, { recursive: true });
  const [name = '', version] = tensorFlow.split(/(?<!^)@/);
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ dependencies: { [name]: version } })
  );
  rmSync(join(folder, 'node_modules'), { force: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

function install(folder: string, packages: readonly string[], name: string): boolean {
  if (existsSync(join(folder, 'node_modules'))) return true;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{}');
  // nested, as tslab finds the types of Node only there
  const flags = ['--no-audit', '--no-fund', '--install-strategy=nested', '--prefix', folder];
  const { status, stderr } = spawnSync('npm', ['install', ...flags, ...packages], {
    cwd: folder,
    encoding: 'utf8'
  });
  if (status === 0) return true;
  rmSync(folder, { recursive: true, force: true });
  const reason = stderr.split('\n').find(line => /npm err/i.test(line)) ?? 'npm is missing';
  console.error(`${name} is left out: npm cannot install ${packages.join(' ')} (${reason.trim()})`);
  return false;
}
