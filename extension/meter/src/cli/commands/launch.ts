import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { MeterError } from '../../errors.ts';
import type { CliContext } from '../context.ts';
import { CommandFailed } from '../exit.ts';

interface Options {
  workers: string;
  restarts: string;
  json?: boolean;
}

/** Adds `joulebook launch`. */
export function addLaunch(program: Command, context: CliContext): void {
  program
    .command('launch')
    .description('Start a script as several workers on this machine that train together')
    .argument('<script>', 'a TypeScript or JavaScript file that calls multiWorker()')
    .argument('[arguments...]', 'passed on to every worker')
    .option('-n, --workers <count>', 'how many workers', '2')
    .option('--restarts <count>', 'how often a worker that died is started again', '0')
    .option('--json', 'print each line as JSON with its rank')
    .action(async (script: string, args: string[], options: Options) => {
      const file = resolve(script);
      if (!existsSync(file)) {
        throw new MeterError('cli/bad-argument', `no file ${file}; name the script of the workers`);
      }
      const [count, restarts] = [
        whole('-n', options.workers),
        whole('--restarts', options.restarts)
      ];
      await start(context, file, count, { args, restarts, json: options.json });
    });
}

async function start(
  { output }: CliContext,
  file: string,
  count: number,
  { args, restarts, json }: { args: string[]; restarts: number; json?: boolean }
): Promise<void> {
  const { launch } = await import('kernel-helpers/launch');
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  const onLine = (line: string, rank: number): void => {
    if (json) output.line(JSON.stringify({ rank, line }));
    else output.line(`${output.style('dim', `[worker ${rank}]`)} ${line}`);
  };
  try {
    await launch(count, file, { args, restarts, onLine, signal: stop.signal });
  } catch (error) {
    output.note(`error: ${(error as Error).message}`);
    throw new CommandFailed();
  }
}

function whole(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new MeterError('cli/bad-argument', `expected ${name} to be a whole number, got "${text}"`);
}
