import { basename } from 'node:path';
import type { Execution, Kernel, PowerNow } from '../../execution.ts';
import type { Style } from '../context.ts';
import { formatEnergy, formatSeconds, formatWatts } from '../format.ts';
import { oneLine, shortened, table } from '../table.ts';

/** What `joulebook top` shows. */
export interface TopState {
  power: PowerNow;
  kernels: Kernel[];
  /** The running execution of each kernel, by kernel id. */
  running: Map<string, Execution>;
}

/**
 * The lines of the screen: power by domain, then the kernels, the hungriest first.
 * @param rows At most so many lines.
 * @param style Colours text; default: not at all.
 */
export function screenOf(
  { power, kernels, running }: TopState,
  columns: number,
  rows: number,
  style: (style: Style, text: string) => string = (_, text) => text
): string[] {
  const watts = power.domains.map(each => [each.domain, formatWatts(each)]);
  const sorted = kernels.toSorted((a, b) => (b.watts ?? -1) - (a.watts ?? -1));
  const body = sorted.map(kernel => rowOf(kernel, running.get(kernel.kernel_id)));
  const header = ['kernel', 'notebook', 'state', 'power', 'cell', 'time', 'energy'];
  const [head = '', ...lines] = table([header, ...body], 'lllrrrl');
  const screen = [
    style('bold', `power  ${formatWatts(power.total)}`),
    ...table(watts, 'll').map(line => `  ${line}`),
    '',
    style('bold', head),
    ...(lines.length === 0 ? ['no kernels'] : lines)
  ];
  return screen
    .slice(0, rows)
    .map(line => (line.length > columns * 2 ? line.slice(0, columns) : line));
}

function rowOf(kernel: Kernel, running: Execution | undefined): string[] {
  const { kernel_name, notebook, state, watts, remote } = kernel;
  const name = notebook === null ? `(pid ${kernel.pid ?? '?'})` : basename(notebook);
  return [
    shortened(oneLine(kernel_name), 20),
    shortened(oneLine(name), 30),
    remote ? 'not on this host' : state,
    watts === null ? '' : `${watts.toFixed(1)} W`,
    running === undefined ? '' : `[${running.execution_count ?? '*'}]`,
    running === undefined ? '' : formatSeconds(elapsed(running)),
    running === undefined ? '' : formatEnergy(running.total)
  ];
}

/** The clock of `start_ns` is the one that this process reads. */
function elapsed({ start_ns }: Execution): number {
  return Math.max(0, Number(process.hrtime.bigint()) - start_ns) / 1e9;
}
