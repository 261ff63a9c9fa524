import type { Command } from 'commander';
import { MeterError } from '../../errors.ts';
import type { CliContext } from '../context.ts';
import { table } from '../table.ts';

/** Adds `joulebook zones`. */
export function addZones(program: Command, context: CliContext): void {
  const { output } = context;
  program
    .command('zones')
    .description('List the grid zones with their yearly carbon intensity; works without a network')
    .argument('[word]', 'only those whose name or id has this in it, such as france')
    .option('--json', 'print them as JSON')
    .action(async (word: string | undefined, { json }: { json?: boolean }) => {
      const { findZone, listZones } = await import('kernel-helpers/impact/zones');
      const wanted = (word ?? '').toLowerCase();
      const zones = listZones()
        .filter(({ id, name }) => `${id} ${name}`.toLowerCase().includes(wanted))
        .map(({ id }) => findZone(id));
      if (zones.length === 0) {
        const message = `no grid zone has ${JSON.stringify(word)} in its name; joulebook zones lists all`;
        throw new MeterError('cli/bad-argument', message);
      }
      if (json) {
        output.json(zones);
        return;
      }
      const percent = (share: number) => `${Math.round(100 * share)} %`;
      const rows = zones.map(({ id, name, carbon, carbonFree, renewable }) => [
        ...[id, name, `${carbon.value} (${carbon.low} to ${carbon.high})`, String(carbon.year)],
        ...[percent(carbonFree.value), percent(renewable.value)]
      ]);
      const head = ['id', 'name', 'g/kWh', 'year', 'carbon-free', 'renewable'];
      table([head, ...rows], 'lllrrr').forEach((line, index) =>
        output.line(index === 0 ? output.style('bold', line) : line)
      );
    });
}
