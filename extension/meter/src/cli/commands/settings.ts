import type { Command } from 'commander';
import type { Settings } from '../../store/settings.ts';
import { changeIn, settingNames } from '../assignments.ts';
import { withDaemon } from '../connect.ts';
import type { CliContext } from '../context.ts';
import { table } from '../table.ts';

/** Adds `joulebook settings`. */
export function addSettings(program: Command, context: CliContext): void {
  const { output } = context;
  program
    .command('settings')
    .description('Show the settings, or change some: zone=GB service=neso tariff=0.3 device=laptop')
    .argument('[name=value...]', 'settings to change')
    .option('--json', 'print them as JSON')
    .action(async (assignments: string[], { json }: { json?: boolean }) => {
      const settings = await withDaemon(context, async client => {
        let inForce = await client.get<Settings>('/v1/settings');
        for (const assignment of assignments) {
          const changes = changeIn(assignment, inForce);
          inForce = await client.send<Settings>('PUT', '/v1/settings', changes);
        }
        return inForce;
      });
      if (json) output.json(settings);
      else for (const line of linesOf(settings)) output.line(line);
    });
}

function linesOf({ impact, ...rest }: Settings): string[] {
  const { device, ...others } = impact;
  const values: Record<string, string | number | null | undefined> = {
    ...others,
    ...rest,
    device: device?.embodied_kg === undefined ? device?.name : `${device.embodied_kg} kg`,
    lifetime_years: device?.lifetime_years
  };
  return table(
    Object.entries(settingNames).map(([name, { meaning }]) => [
      name,
      String(values[name] ?? 'none'),
      meaning
    ]),
    'lll'
  );
}
