import { BlockList, isIPv6 } from 'node:net';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { serve } from '../../daemon/serve.ts';
import { Homes } from '../../daemon/users.ts';
import { MeterError } from '../../errors.ts';
import type { CliContext } from '../context.ts';

interface ServeOptions {
  lease?: boolean;
  json?: boolean;
  system?: boolean;
  state: string;
  runtimeDir?: string;
  network?: string[];
}

/** Where the system's daemon is asked, unless `JOULEBOOK_SOCKET` says otherwise. */
const systemSocket = '/run/joulebook/meter.sock';

/** Adds `joulebook serve`. */
export function addServe(program: Command, { places, environment, output }: CliContext): void {
  const system = async (socket: string, options: ServeOptions, say: (line: string) => void) => {
    const { sharedMeters } = await import('../../daemon/create-meter.ts');
    const { serveSystem } = await import('../../daemon/serve-system.ts');
    const meters = sharedMeters(places);
    const { createMeter } = meters;
    const { state, runtimeDir, network = [] } = options;
    const networks = networksOf(network);
    const where = { socket, state: resolve(state), networks, ...(runtimeDir && { runtimeDir }) };
    const homes = new Homes();
    const homeOf = (user: number) => homes.of(user);
    await serveSystem({ ...where, createMeter, homeOf, environment }, say);
    await meters.stop();
  };
  program
    .command('serve')
    .description('Run the meter in the foreground; prints `ready <socket>` when it answers')
    .option('--lease', 'leave 10 s after the last server or command that needs the meter')
    .option('--system', 'serve every user of this machine their own kernels; run it as root')
    .option('--state <folder>', 'with --system: where histories are kept', '/var/lib/joulebook')
    .option(
      '--runtime-dir <folder>',
      "with --system: each user's Jupyter runtime folder; {home} and {user} stand for theirs"
    )
    .option('--network <cidr...>', "with --system: networks of kernels, such as the pods'")
    .option('--json', 'print the ready line as JSON')
    .action(async (options: ServeOptions) => {
      const shared = environment['JOULEBOOK_SOCKET'] || systemSocket;
      const socket = options.system ? shared : places.socket;
      const say = options.json
        ? (line: string) => output.write(`${JSON.stringify({ said: line, socket })}\n`)
        : (line: string) => output.line(line);
      if (options.system) return system(socket, options, say);
      // Only here are the native modules needed: every other command starts without them.
      const { createMeter } = await import('../../daemon/create-meter.ts');
      const lease = options.lease ?? false;
      const create = createMeter(places);
      await serve({ places, lease, createMeter: create, environment }, say);
    });
}

function networksOf(texts: readonly string[]): BlockList {
  const networks = new BlockList();
  for (const text of texts) {
    const [address = '', prefix = ''] = text.split('/', 2);
    try {
      networks.addSubnet(
        address,
        /^\d+$/.test(prefix) ? Number(prefix) : NaN,
        isIPv6(address) ? 'ipv6' : 'ipv4'
      );
    } catch (cause) {
      const message = `expected a network such as 10.42.0.0/16, got "${text}"`;
      throw new MeterError('cli/bad-argument', message, { cause });
    }
  }
  return networks;
}
