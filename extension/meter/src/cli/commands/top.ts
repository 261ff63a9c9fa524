import type { Command } from 'commander';
import type { ApiClient } from '../../api/client.ts';
import type { Execution, Kernel, PowerNow } from '../../execution.ts';
import { withDaemon } from '../connect.ts';
import type { CliContext } from '../context.ts';
import { screenOf, type TopState } from '../top/screen.ts';

/** A reading of power takes two looks at the counters. */
const firstPowerMs = 2000;

/** Adds `joulebook top`. */
export function addTop(program: Command, context: CliContext): void {
  const { output } = context;
  program
    .command('top')
    .description('Watch kernels, watts and running cells; q leaves')
    .option('--json', 'print how things are now as JSON, once')
    .action((options: { json?: boolean }) =>
      withDaemon(context, async client => {
        if (!options.json && output.isTerminal) return watch(context, client);
        const state = await firstState(client);
        const { power, kernels, running } = state;
        if (options.json) output.json({ power, kernels, running: [...running.values()] });
        else for (const line of screenOf(state, output.columns, Infinity)) output.line(line);
      })
    );
}

async function currentState(client: ApiClient): Promise<TopState> {
  const [{ kernels }, power, list] = await Promise.all([
    client.status(),
    client.get<PowerNow>('/v1/power'),
    client.get<{ executions: Execution[] }>('/v1/executions?status=running')
  ]);
  return { kernels, power, running: new Map(list.executions.map(each => [each.kernel_id, each])) };
}

/** How things are, after the first reading of power that says something. */
async function firstState(client: ApiClient): Promise<TopState> {
  const signal = AbortSignal.timeout(firstPowerMs);
  try {
    for await (const { name, data } of client.events(signal)) {
      if (name === 'power' && (data as PowerNow).total.watts !== null) break;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return currentState(client);
}

async function watch({ output }: CliContext, client: ApiClient): Promise<void> {
  const state = await currentState(client);
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  const onKey = (key: Buffer) => {
    if (['q', 'Q', '\u0003', '\u001b'].includes(key.toString())) leave();
  };
  process.stdin.setRawMode?.(true);
  process.stdin.on('data', onKey);
  process.once('SIGTERM', leave);
  // The alternate screen leaves the terminal's contents as they were.
  output.write('\u001b[?1049h\u001b[?25l');
  const draw = () => {
    const lines = screenOf(state, output.columns, output.rows - 1, output.style.bind(output));
    output.write(`\u001b[H${lines.map(line => `${line}\u001b[K\n`).join('')}\u001b[J`);
  };
  try {
    draw();
    for await (const { name, data } of client.events(leaving.signal)) {
      apply(state, name, data);
      draw();
    }
  } catch (error) {
    if (!leaving.signal.aborted) throw error;
  } finally {
    output.write('\u001b[?25h\u001b[?1049l');
    process.stdin.off('data', onKey);
    process.stdin.setRawMode?.(false);
    process.stdin.pause();
  }
}

function apply(state: TopState, name: string, data: unknown): void {
  if (name === 'power') state.power = data as PowerNow;
  if (name === 'kernels') state.kernels = data as Kernel[];
  const execution = data as Execution;
  if (name === 'started' || name === 'progress') state.running.set(execution.kernel_id, execution);
  if (name === 'finished' && state.running.get(execution.kernel_id)?.id === execution.id) {
    state.running.delete(execution.kernel_id);
  }
}
