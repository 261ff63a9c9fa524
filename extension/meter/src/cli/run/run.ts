import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../../api/client.ts';
import { MeterError, reasonOf } from '../../errors.ts';
import type { Execution, Kernel, Policy } from '../../execution.ts';
import { Executor, type ExecutorEvent, type ExecutorOptions } from './executor.ts';
import { KernelPolicy } from './kernel-policy.ts';
import type { RunReport } from './report.ts';

/** The meter hears of a new kernel within this time; later ones miss their first cells. */
const kernelMs = 5000;
/** Readings of the last cell settle within this time. */
const settleMs = 5000;
/** A cell that ignores its interrupt loses its kernel after this time. */
const interruptMs = 10_000;

/** What a run is asked. */
export interface RunOptions extends ExecutorOptions {
  /** Joules after which the running cell is interrupted and no other begins. */
  budget?: number;
  /** How the energy of the kernel is split, while it lives; default: as the settings say. */
  policy?: Policy;
  /** Starts the meter again when it has died. */
  ensureMeter: () => Promise<void>;
  /** Called after each change of the report. */
  onChange: () => void;
}

type Stopped = 'budget' | 'unmetered' | 'interrupted';

/** Why a run stopped before its end, or that it did not; `unmetered`: nobody could watch its budget any more. */
export type RunEnd = 'completed' | 'failed' | Stopped;

/**
 * Executes a notebook and follows it through the meter until the energy of its last cell is in. Where
 * the meter is lost for good it goes on, unless it has a budget, which nobody watches any more.
 */
export async function run(
  client: ApiClient,
  report: RunReport,
  options: RunOptions
): Promise<RunEnd> {
  const executor = new Executor(options);
  const policy = new KernelPolicy(client, options.policy);
  const listening = new AbortController();
  let stopped: Stopped | undefined;
  const stop = (why: Stopped) => {
    if (stopped !== undefined) return executor.tell('kill');
    stopped = why;
    executor.tell('interrupt');
    setTimeout(() => executor.tell('kill'), interruptMs).unref();
  };
  const onSignal = () => stop('interrupted');
  process.on('SIGINT', onSignal);
  const meter = { client, ensureMeter: options.ensureMeter, found: () => policy.set() };
  const metered = followMeter(meter, listening.signal, execution => {
    if (report.metered(execution) === undefined) return;
    const spent = report.total.joules ?? 0;
    const isSpent = options.budget !== undefined && spent >= options.budget;
    // A second request kills: the cell has its time to end, however much it still spends.
    if (isSpent && stopped === undefined) stop('budget');
    options.onChange();
  }).catch((error: unknown) => {
    report.meterLost = reasonOf(error);
    const goesOn = report.hasBegun && !report.isExecuted && stopped === undefined;
    if (options.budget !== undefined && goesOn) stop('unmetered');
  });
  const begin = () => {
    if (options.budget === undefined || report.meterLost === null) {
      report.hasBegun = true;
      return executor.tell('go');
    }
    stopped ??= 'unmetered';
    executor.end();
  };
  try {
    for await (const event of executor.events()) {
      const { notebook } = options;
      await onEvent(event, { client, report, executor, policy, notebook, begin });
      options.onChange();
    }
    const code = await executor.exited;
    if (code !== 0) report.failure ??= unexplained(executor, code);
    await settle(report);
    if (stopped !== undefined || report.failure !== null) return stopped ?? 'failed';
    const isWatched = options.budget === undefined || report.unmetered.length === 0;
    return isWatched ? 'completed' : 'unmetered';
  } finally {
    process.off('SIGINT', onSignal);
    listening.abort();
    executor.end();
    await metered;
  }
}

interface Running {
  client: ApiClient;
  report: RunReport;
  executor: Executor;
  notebook: string;
  policy: KernelPolicy;
  /** Lets the executor execute the cells, or not. */
  begin: () => void;
}

async function onEvent(event: ExecutorEvent, running: Running): Promise<void> {
  const { client, report, notebook, policy, begin } = running;
  if (event.event === 'notebook') report.planned = event.cells.length;
  if (event.event === 'ended') report.ended(event.msg_id, event.status);
  if (event.event === 'failed') report.failure = event;
  if (event.event === 'written') report.isWritten = true;
  if (event.event === 'kernel') {
    const kernel = await heardOf(running, event.connection_file);
    if (kernel !== undefined) await policy.setOf(kernel.kernel_id);
    begin();
  }
  if (event.event === 'sent') {
    const { msg_id, cell_id } = report.sent(event);
    // Without its label the cell is metered all the same.
    const labels = [{ msg_id, cell_id, notebook }];
    await client.send('POST', '/v1/labels', { labels }).catch(() => {});
  }
}

/**
 * Waits until the meter hears the kernel of this connection file, which is let say something, or for a
 * while at least knows it; not for a meter that is lost.
 */
async function heardOf(
  { client, report, executor }: Running,
  connectionFile: string
): Promise<Kernel | undefined> {
  const deadline = performance.now() + kernelMs;
  let known: Kernel | undefined;
  while (performance.now() < deadline && report.meterLost === null) {
    const { kernels } = await client.status().catch(() => ({ kernels: [] as Kernel[] }));
    known = kernels.find(({ connection_file }) => connection_file === connectionFile);
    if (known !== undefined && known.state !== 'unknown') break;
    if (known !== undefined) executor.tell('ping');
    await pause(50);
  }
  return known;
}

interface Followed {
  client: ApiClient;
  ensureMeter: () => Promise<void>;
  /** Called for each meter, before what it tells is taken. */
  found: () => Promise<void>;
}

/**
 * Passes on what the meter tells of executions, until `signal` aborts. A meter that dies is started
 * again, and tells what was missed: it takes up the cells that run.
 */
async function followMeter(
  { client, ensureMeter, found }: Followed,
  signal: AbortSignal,
  onExecution: (execution: Execution) => void
): Promise<void> {
  let lastId: string | undefined;
  while (!signal.aborted) {
    try {
      await found();
      for await (const { name, data, id } of client.events(signal, lastId)) {
        lastId = id ?? lastId;
        if (['started', 'progress', 'finished'].includes(name)) onExecution(data as Execution);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof MeterError) || error.code !== 'daemon/not-running') throw error;
    }
    if (!signal.aborted) await ensureMeter();
  }
}

async function settle(report: RunReport): Promise<void> {
  const deadline = performance.now() + settleMs;
  while (!report.settled && report.meterLost === null && performance.now() < deadline)
    await pause(20);
}

function unexplained(executor: Executor, code: number) {
  const lines = executor.errors.split('\n');
  const message = lines.at(-1) || `the executor ended with code ${code}`;
  return { index: null, name: 'NotExecuted', message, traceback: executor.errors };
}
