import type { Command } from 'commander';
import { ageInYears, builtIn, type Coefficient, type ImpactNow } from 'kernel-helpers/impact';
import type { CliContext } from '../context.ts';
import { impactNow } from '../impact-now.ts';
import { oneLine, table } from '../table.ts';

/** Adds `joulebook sources`. */
export function addSources(program: Command, context: CliContext): void {
  const { output } = context;
  program
    .command('sources')
    .description(
      'List every coefficient that turns joules into impact, with source, licence and age'
    )
    .option('--zone <id>', 'also those of this grid zone, such as FR')
    .option('--country <code>', 'also the marginal intensity of this country, such as FRA')
    .option('--json', 'print them as JSON')
    .action(async ({ zone, country, json }: Asked & { json?: boolean }) => {
      const now = await impactNow(context);
      const all = await coefficientsOf(now, { zone, country });
      if (json) {
        output.json(all.map(each => ({ ...each, age_years: ageInYears(each) })));
        return;
      }
      const rows = all.map(each => [
        ...[each.id, range(each), each.unit, each.kind, String(each.year)],
        ...[`${ageInYears(each)} a`, each.licence, oneLine(each.source)]
      ]);
      const head = ['id', 'value', 'unit', 'kind', 'year', 'age', 'licence', 'source'];
      table([head, ...rows], 'lllllrll').forEach((line, index) =>
        output.line(index === 0 ? output.style('bold', line) : line)
      );
      if (now.carbon?.note) output.note(now.carbon.note);
      if (now.zone === null && zone === undefined) {
        output.note('no grid zone is chosen, so there are no grams: choose one in the settings');
      }
    });
}

/** Places whose coefficients are listed too: a grid zone, and a country by its ISO 3166 alpha-3 code. */
interface Asked {
  zone?: string | undefined;
  country?: string | undefined;
}

/** Those in force first, then the table; each once. */
async function coefficientsOf(now: ImpactNow, { zone, country }: Asked): Promise<Coefficient[]> {
  const { findZone, marginalCarbon } = await import('kernel-helpers/impact/zones');
  const inForce = [now.carbon, now.market, now.carbon_free, now.pue, now.wue, now.device];
  const asked = zone === undefined ? undefined : findZone(zone);
  const ofZone = asked ? [asked.carbon, asked.carbonFree, asked.renewable] : [];
  const marginal = country === undefined ? [] : [marginalCarbon(country)];
  const all = [...inForce.filter(each => each !== null), ...ofZone, ...marginal, ...builtIn];
  return [...new Map(all.map(each => [each.id, each])).values()];
}

function range({ value, low, high }: Coefficient): string {
  const write = (number: number) => String(Number(number.toPrecision(4)));
  return low === high ? write(value) : `${write(value)} (${write(low)} to ${write(high)})`;
}
