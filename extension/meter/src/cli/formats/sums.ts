import { footprint, methodsParagraph, type Amount, type ImpactNow } from 'kernel-helpers/impact';
import { version } from '../../version.ts';
import { Collected } from '../report/collect.ts';
import { methodsInput } from '../report/sections.ts';
import type { Summary } from '../summary.ts';
import type { ExportFormat } from './formats.ts';
import { crateOf } from './ro-crate.ts';

/** A format that says something about the sum of all executions. */
function ofSum(write: (collected: Collected) => string): ExportFormat {
  const collected = new Collected();
  const row: ExportFormat['row'] = execution => {
    collected.add(execution);
    return '';
  };
  return { head: '', row, between: '', tail: () => write(collected) };
}

/**
 * The metadata of a model card: grams of CO₂e, as a number.
 * @see Hugging Face Hub, "Displaying carbon emissions for your model"
 */
export function huggingFace(now: ImpactNow): ExportFormat {
  return ofSum(({ all, sensors }) => {
    const grams = footprint(all.total, all.carbon.figures(now)).carbon?.location;
    const read = [...sensors.keys()].join(', ') || 'nothing';
    const lines = [
      'co2_eq_emissions:',
      grams ? `  emissions: ${grams.value}` : '  # emissions: choose a grid zone in the settings',
      `  source: ${yaml(`joulebook ${version}${grams ? `: ${grams.low} to ${grams.high} g` : ''}`)}`,
      `  geographical_location: ${yaml(now.zone_name ?? '')}`,
      `  hardware_used: ${yaml(`read from ${read}`)}`
    ];
    return `${lines.join('\n')}\n`;
  });
}

/**
 * A manifest that Impact Framework computes a score from, one component a notebook. Its score plugin refuses observations of
 * less than a second, so a notebook's cells are one observation. It adds operational and embodied carbon, as its standard does; where
 * no grid zone is chosen there is no carbon, and the manifest observes energy alone.
 * @see Green Software Foundation, Impact Framework 1.1, manifest files
 */
export function impactFramework(now: ImpactNow): ExportFormat {
  return ofSum(({ notebooks }) => {
    const groups = notebooks.groups.filter(({ total }) => total.joules !== null);
    const parts = ['carbon-operational', ...(now.device ? ['carbon-embodied'] : [])];
    const plugins = now.carbon ? scorePlugins(parts) : ['  plugins: {}'];
    const lines = [
      'name: joulebook',
      `description: ${yaml('energy of notebooks, metered; carbon by location')}`,
      'initialize:',
      ...plugins,
      'tree:',
      groups.length === 0 ? '  children: {}' : '  children:',
      ...groups.flatMap(group => component(group, now))
    ];
    return `${lines.join('\n')}\n`;
  });
}

function scorePlugins(parts: string[]): string[] {
  return [
    '  plugins:',
    '    carbon:',
    '      method: Sum',
    '      path: builtin',
    '      config:',
    `        input-parameters: [${parts.join(', ')}]`,
    '        output-parameter: carbon',
    '    sci:',
    '      method: Sci',
    '      path: builtin',
    '      config:',
    '        functional-unit: runs'
  ];
}

function component(group: Summary, now: ImpactNow): string[] {
  const { carbon, hardware } = footprint(group.total, group.carbon.figures(now), group.seconds);
  const grams = (name: string, amount: Amount | null) => `          ${name}: ${amount?.value ?? 0}`;
  const pipeline = ['      pipeline:', '        compute:', '          - carbon', '          - sci'];
  return [
    `    ${yaml(group.name ?? 'unknown')}:`,
    ...(carbon ? pipeline : []),
    '      inputs:',
    `        - timestamp: ${yaml(group.last_at)}`,
    `          duration: ${Math.max(1, Math.ceil(group.seconds))}`,
    `          energy: ${(group.total.joules ?? 0) / 3.6e6}`,
    ...(carbon ? [grams('carbon-operational', carbon.location)] : []),
    ...(now.device ? [grams('carbon-embodied', hardware)] : []),
    `          runs: ${group.executions}`
  ];
}

/** A citation of the energy for machines: an RO-Crate's metadata file. */
export function roCrate(now: ImpactNow): ExportFormat {
  return ofSum(collected => `${JSON.stringify(crateOf(collected, now), null, 2)}\n`);
}

/** A paragraph for a paper. */
export function methods(now: ImpactNow): ExportFormat {
  return ofSum(collected => {
    const figures = collected.all.carbon.figures(now);
    return `${methodsParagraph(methodsInput(collected, version), figures)}\n`;
  });
}

/** JSON strings are YAML strings. */
function yaml(text: string): string {
  return JSON.stringify(text);
}
