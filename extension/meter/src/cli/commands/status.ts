import type { Command } from 'commander';
import type { Status } from '../../api/schemas/status.ts';
import { findDaemon } from '../connect.ts';
import type { CliContext } from '../context.ts';
import { CommandFailed } from '../exit.ts';
import { formatBytes } from '../format.ts';

/** Adds `joulebook status`. */
export function addStatus(program: Command, context: CliContext): void {
  const { output, places } = context;
  program
    .command('status')
    .description('Tell whether the meter runs; exit code 1 when it does not')
    .option('--json', 'print what the meter tells as JSON')
    .action(async (options: { json?: boolean }) => {
      const status = await (await findDaemon(context))?.status();
      if (options.json) output.json(status ?? { running: false, socket: places.socket });
      else if (status === undefined) output.line(`not running (nothing at ${places.socket})`);
      else for (const line of linesOf(status, places.socket)) output.line(line);
      if (status === undefined) throw new CommandFailed('not running');
    });
}

function linesOf(status: Status, socket: string): string[] {
  const active = status.sensors.filter(({ state }) => state === 'active');
  const sensors = active.map(({ device, domain, kind }) => `${domain} (${device}, ${kind})`);
  const { history, meter, leases } = status;
  return [
    `running since ${status.started_at}, pid ${status.pid}, joulebook ${status.version}`,
    `socket   ${socket}`,
    `history  ${history.path}${history.detail === null ? '' : `: ${history.detail}`}`,
    `sensors  ${sensors.join(', ') || 'none'}`,
    `kernels  ${status.kernels.length}, ${status.kernels.filter(k => k.state === 'busy').length} busy`,
    `policy   ${status.policy}`,
    `held by  ${leases === 1 ? 'one server or command' : `${leases} servers and commands`}`,
    `itself   ${meter.cpu_seconds.toFixed(1)} s of CPU, ${formatBytes(meter.rss_bytes)}`
  ];
}
