import type { Command } from 'commander';
import { serve } from '../../daemon/serve.ts';
import type { CliContext } from '../context.ts';

/** Adds `joulebook serve`. */
export function addServe(program: Command, { places, environment, output }: CliContext): void {
  program
    .command('serve')
    .description('Run the meter in the foreground; prints `ready <socket>` when it answers')
    .option('--lease', 'leave 10 s after the last server or command that needs the meter')
    .option('--json', 'print the ready line as JSON')
    .action(async (options: { lease?: boolean; json?: boolean }) => {
      const say = options.json
        ? (line: string) =>
            output.write(`${JSON.stringify({ said: line, socket: places.socket })}\n`)
        : (line: string) => output.line(line);
      // Only here are the native modules needed: every other command starts without them.
      const { createMeter } = await import('../../daemon/create-meter.ts');
      const lease = options.lease ?? false;
      const create = createMeter(places);
      await serve({ places, lease, createMeter: create, environment }, say);
    });
}
