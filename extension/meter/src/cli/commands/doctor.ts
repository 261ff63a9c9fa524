import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { Status } from '../../api/schemas/status.ts';
import type { Domain, PowerNow, SensorStatus } from '../../execution.ts';
import { withDaemon } from '../connect.ts';
import type { CliContext, Output } from '../context.ts';
import { formatBytes, formatEnergy, formatWatts } from '../format.ts';
import { oneLine, table } from '../table.ts';

/** What a complete measurement of a machine holds. */
const wanted: Domain[] = ['package', 'dram', 'gpu'];

const aMinute = 60;

const platypus =
  'Whoever may read these counters at high rate can infer secrets of other programs on this machine ' +
  '(PLATYPUS, CVE-2020-8694). Grant it on machines whose users trust each other.';

/** Whether a domain is measured, modelled or missing. */
interface Coverage {
  domain: Domain;
  kind: 'measured' | 'modelled' | 'missing';
  by: string;
}

/** Adds `joulebook doctor`. */
export function addDoctor(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .description('Tell what is measured, what is modelled or missing, and the command that helps')
    .option('--json', 'print everything as JSON')
    .action((options: { json?: boolean }) =>
      withDaemon(context, async client => {
        const [status, power] = [await client.status(), await client.get<PowerNow>('/v1/power')];
        const coverage = coverageOf(status.sensors);
        const { places, output } = context;
        const { socket, log, calibration } = places;
        const own: Record<string, string> = status.serves === 'user' ? { log, calibration } : {};
        const warnings = needsPlatypus(status.sensors) ? [platypus] : [];
        const files = { socket, history: status.history.path, ...own };
        if (options.json) return output.json({ status, power, coverage, warnings, files });
        printSensors(output, status, warnings);
        printCoverage(output, coverage, power);
        printSelf(output, status);
        printFiles(output, files, status);
      })
    );
}

/** What cells get of each domain, from the sensors that are read. */
export function coverageOf(sensors: SensorStatus[]): Coverage[] {
  const active = sensors.filter(({ state }) => state === 'active');
  const extra = active.map(({ domain }) => domain).filter(domain => !wanted.includes(domain));
  return [...wanted, ...new Set(extra)].map(domain => {
    const of = active.filter(each => each.domain === domain);
    const best = of.find(({ kind }) => kind === 'measured') ?? of[0];
    if (best !== undefined) return { domain, kind: best.kind, by: best.device };
    const reason = sensors.find(each => each.domain === domain)?.detail ?? 'no such device found';
    return { domain, kind: 'missing', by: reason };
  });
}

function needsPlatypus(sensors: SensorStatus[]): boolean {
  return sensors.some(({ state, domain }) => state === 'denied' && domain !== 'gpu');
}

const marks = {
  active: ['✓', 'green'],
  contained: ['·', 'dim'],
  duplicate: ['·', 'dim'],
  absent: ['–', 'dim'],
  denied: ['✗', 'red'],
  failing: ['✗', 'red']
} as const;

/** The meter of all users is another's: what its user would run changes nothing. */
const toMeasureMore: Record<Status['serves'], string> = {
  user: 'To measure more',
  system: 'One meter serves all users of this machine; to measure more is for its administrator'
};

function printSensors(output: Output, { sensors, serves }: Status, warnings: string[]): void {
  output.line(output.style('bold', 'Sensors'));
  const rows = sensors.map(({ domain, device, kind, state, detail }) => {
    const [mark, style] = marks[state];
    const texts = [domain, device, kind, state, detail].map(oneLine);
    return [output.style(style, mark), ...texts];
  });
  for (const line of table(rows, 'llllll')) output.line(`  ${line}`);
  const remedies = new Set(sensors.flatMap(({ remedy }) => (remedy ? [remedy] : [])));
  if (remedies.size > 0) output.line(`\n  ${toMeasureMore[serves]}:`);
  for (const remedy of remedies) output.line(`    ${output.style('cyan', remedy)}`);
  for (const warning of warnings) output.line(`  ${output.style('yellow', `Warning: ${warning}`)}`);
}

function printCoverage(output: Output, coverage: Coverage[], power: PowerNow): void {
  output.line(`\n${output.style('bold', 'What cells get')}`);
  const rows = coverage.map(({ domain, kind, by }) => {
    const now = power.domains.find(each => each.domain === domain);
    const watts = now === undefined || now.watts === null ? '' : `now ${formatWatts(now)}`;
    return [domain, kind, oneLine(by), watts];
  });
  for (const line of table(rows, 'llll')) output.line(`  ${line}`);
}

function printSelf(output: Output, status: Status): void {
  const { meter, counts, version, node, started_at, pid, policy, kernels } = status;
  const seconds = (Date.now() - Date.parse(started_at)) / 1000;
  const share = ((100 * meter.cpu_seconds) / seconds).toFixed(2);
  // Of a meter that has just begun the start is all there is to see.
  const time =
    seconds < aMinute ? `${meter.cpu_seconds.toFixed(1)} s of a core` : `${share} % of a core`;
  const energy =
    meter.joules === null
      ? 'energy not known'
      : formatEnergy({ joules: meter.joules, low: null, high: null, kind: 'modelled' });
  const unused = counts.bad_signatures + counts.malformed_messages;
  output.line(`\n${output.style('bold', 'The meter itself')}`);
  const rows = [
    ['version', `joulebook ${version}, Node ${node}, pid ${pid}`],
    ['cost', `${time}, ${formatBytes(meter.rss_bytes)}, ${energy} since ${started_at}`],
    ['policy', policy],
    ['kernels', String(kernels.length)],
    ['ignored', `${unused} messages (${counts.bad_signatures} with a wrong signature)`]
  ];
  for (const line of table(rows, 'll')) output.line(`  ${line}`);
}

function printFiles(output: Output, files: Record<string, string>, { history }: Status): void {
  output.line(`\n${output.style('bold', 'Files')}`);
  const rows = Object.entries(files).map(([name, path]) => [
    name,
    // Only root may look for a history that the machine's meter keeps.
    existsSync(path) || path === history.path ? path : `${path} (none)`
  ]);
  for (const line of table(rows, 'll')) output.line(`  ${line}`);
  const troubles = [
    history.detail,
    history.set_aside === null ? null : `a corrupt history was kept as ${history.set_aside}`
  ];
  for (const trouble of troubles) {
    if (trouble !== null) output.line(`  ${output.style('yellow', oneLine(trouble))}`);
  }
}
