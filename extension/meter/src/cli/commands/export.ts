import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Option, type Command } from 'commander';
import { MeterError, reasonOf, systemCodeOf } from '../../errors.ts';
import { filterOf } from '../arguments.ts';
import type { CliContext } from '../context.ts';
import {
  exportFormats,
  formatHelp,
  type ExportFormat,
  type ExportFormatName
} from '../formats/formats.ts';
import { historyPages, type HistoryFilter } from '../history.ts';
import { impactNow } from '../impact-now.ts';

interface ExportOptions {
  format: ExportFormatName;
  json?: boolean;
  notebook?: string;
  since?: string;
  output?: string;
}

/** Adds `joulebook export`. */
export function addExport(program: Command, context: CliContext): void {
  program
    .command('export')
    .description('Print the history: every execution with its energy, interval and sensors')
    .addOption(
      new Option('--format <name>', formatHelp).choices(Object.keys(exportFormats)).default('jsonl')
    )
    .option('--json', 'the same as --format json')
    .option('--notebook <path>', 'only of this notebook')
    .option('--since <time>', 'only what started since: 2026-11-24, 2026-11-24T09:30, 12h, 7d')
    .option('--output <file>', 'write to a file instead of standard output')
    .action(async (options: ExportOptions) => {
      const format = exportFormats[options.json ? 'json' : options.format](
        await impactNow(context)
      );
      const filter = filterOf(options);
      if (options.output === undefined) return write(context, filter, format, process.stdout);
      const out = await openFile(options.output);
      await Promise.all([finished(out), write(context, filter, format, out).then(() => out.end())]);
    });
}

async function openFile(path: string): Promise<Writable> {
  const out = createWriteStream(path);
  try {
    await once(out, 'open');
  } catch (cause) {
    const why = systemCodeOf(cause) ?? reasonOf(cause);
    const message = `expected --output to be a file that can be written, got ${path} (${why})`;
    throw new MeterError('cli/bad-argument', `${message}: name another, or make its folder`, {
      cause
    });
  }
  return out;
}

async function write(
  context: CliContext,
  filter: HistoryFilter,
  format: ExportFormat,
  out: Writable
): Promise<void> {
  let begun = false;
  for await (const page of historyPages(context, filter)) {
    const before = begun ? format.between : format.head;
    begun = true;
    const text = page.map(format.row).join(format.between);
    if (!out.write(before + text)) await once(out, 'drain');
  }
  out.write(begun ? format.tail() : format.head + format.tail());
}
