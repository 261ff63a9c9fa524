import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { ApiClient } from '../../api/client.ts';
import { MeterError } from '../../errors.ts';
import { fitModel, type LoadPoint } from '../calibrate/fit.ts';
import { loadSteps, underLoad, withUtilisation, type LoadStep } from '../calibrate/load.ts';
import { sensorReference, wallReference, type Reference } from '../calibrate/reference.ts';
import { withDaemon } from '../connect.ts';
import type { CliContext, Output } from '../context.ts';

/** Clocks and fans follow a change of load within about this share of a step. */
const settlingShare = 0.25;

/** More is not what an idle machine does by itself. */
const mostBusyIdle = 0.2;

interface Options {
  wall?: boolean;
  seconds: number;
  json?: boolean;
}

/** Adds `joulebook calibrate`. */
export function addCalibrate(program: Command, context: CliContext): void {
  program
    .command('calibrate')
    .description('Fit the model of CPU power to this machine: idle, then steps of load')
    .option('--wall', 'ask at each step for what a meter at the wall shows')
    .option('--seconds <n>', 'length of a step', secondsOf, 5)
    .option('--json', 'print the fitted model as JSON')
    .action((options: Options) =>
      withDaemon(context, client => calibrate(context, client, options))
    );
}

async function calibrate(context: CliContext, client: ApiClient, options: Options): Promise<void> {
  const { output, places } = context;
  const terminal = options.wall
    ? createInterface({ input: process.stdin, output: process.stderr })
    : undefined;
  const reference =
    terminal === undefined
      ? sensorReference(client, await client.status())
      : wallReference(client, terminal);
  output.note(`Fitting to ${reference.name}. Let nothing else run meanwhile.`);
  const points: LoadPoint[] = [];
  const steps = loadSteps(cpus().length);
  try {
    for (const [n, step] of steps.entries()) {
      showStep(output, n, steps, step, options.seconds);
      points.push(await measure(step, reference, options.seconds));
      if (n === 0) warnIfBusy(output, points[0]?.utilisation ?? 0);
    }
  } finally {
    terminal?.close();
  }
  const model = {
    ...fitModel(points),
    calibrated_at: new Date().toISOString(),
    reference: reference.name,
    points
  };
  save(places.calibration, model);
  await client.send('POST', '/v1/sensors/discover', {});
  if (options.json) return output.json(model);
  const { idleWatts, dynamicWatts, exponent } = model;
  for (const { utilisation, watts } of points) {
    output.line(`${(100 * utilisation).toFixed(0).padStart(4)} % busy  ${watts.toFixed(1)} W`);
  }
  output.line(
    `model: ${idleWatts.toFixed(1)} W + ${dynamicWatts.toFixed(1)} W x busy^${exponent.toFixed(2)}`
  );
  output.line(`written to ${places.calibration}; the meter uses it from now on`);
}

function warnIfBusy(output: Output, utilisation: number): void {
  if (utilisation < mostBusyIdle) return;
  output.note(
    `The machine was ${Math.round(100 * utilisation)} % busy with other work when it should have been idle: ` +
      'the model will be too high when it is. Calibrate again when nothing else runs.'
  );
}

async function measure(step: LoadStep, reference: Reference, seconds: number): Promise<LoadPoint> {
  return underLoad(step, async () => {
    await pause(seconds * settlingShare * 1000);
    const length = seconds * (1 - settlingShare);
    const [watts, utilisation] = await withUtilisation(() => reference.watts(length));
    return { utilisation, watts };
  });
}

function showStep(
  output: Output,
  n: number,
  steps: LoadStep[],
  { threads, duty }: LoadStep,
  seconds: number
): void {
  const bar = '█'.repeat(n) + '░'.repeat(steps.length - n);
  const load = threads === 0 ? 'idle' : `${threads} threads at ${Math.round(100 * duty)} %`;
  const left = Math.round((steps.length - n) * seconds);
  output.note(`${bar}  ${load}, ${left} s left`);
}

function save(path: string, model: object): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(model, null, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, path);
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0.2 && seconds <= 600)) {
    throw new MeterError('cli/bad-argument', `expected --seconds of 0.2 to 600, got ${text}`);
  }
  return seconds;
}
