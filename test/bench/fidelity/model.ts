import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fitModel } from '../../../extension/meter/src/cli/calibrate/fit.ts';
import { loadSteps } from '../../../extension/meter/src/cli/calibrate/load.ts';
import { utilisationModel } from '../../../extension/meter/src/sensors/coefficients.ts';
import {
  type CpuModel,
  cpuWatts,
  fitTdpModel,
  modelOfTdp
} from '../../../extension/meter/src/sensors/cpu-model.ts';
import type { BenchResult } from '../result.ts';
import { GOALS } from './goals.ts';

const profiles = '../../../extension/meter/src/sensors/fixtures/cpu-load-profiles.csv';

/** Package power of a machine with so many of its threads busy, or with all of them busy in part. */
interface Point {
  machine: string;
  tdpWatts: number;
  isPartly: boolean;
  utilisation: number;
  watts: number;
}

interface Prediction {
  point: Point;
  watts: number;
  low: number;
  high: number;
}

/** How well the model of machines without sensors predicts measured load profiles. */
export function modelFidelity(): BenchResult[] {
  const points = readPoints();
  const machines = [...new Set(points.map(({ machine }) => machine))];
  const unseen = machines.flatMap(machine => predictUnseen(points, machine));
  const calibrated = machines.flatMap(machine => predictCalibrated(points, machine));
  const cubic = unseen.map(({ point }) => ({ point, watts: codecarbonWatts(point) }));
  const { unseenError, calibratedError, coverage } = GOALS.model;
  const other = meanError(cubic);
  return [
    errorRow('the model on machines it has not seen', unseen, unseenError, other),
    coverageRow('the model on machines it has not seen', unseen, coverage),
    errorRow('the model after calibrating, at other loads', calibrated, calibratedError, null),
    coverageRow('the model after calibrating, at other loads', calibrated, coverage)
  ];
}

function readPoints(): Point[] {
  const lines = readFileSync(join(import.meta.dirname, profiles), 'utf8')
    .trim()
    .split('\n');
  return lines.slice(1).map(line => {
    const [machine = '', tdp, cores, utilisation, watts] = line.split(',');
    const numbers = {
      tdpWatts: Number(tdp),
      utilisation: Number(utilisation),
      watts: Number(watts)
    };
    return { machine, isPartly: cores === 'all', ...numbers };
  });
}

/** Fitted to the other machines, of this one only its TDP is known. */
function predictUnseen(points: Point[], machine: string): Prediction[] {
  const others = points.filter(point => point.machine !== machine);
  const fitted = fitTdpModel(others, utilisationModel.floor);
  return points
    .filter(point => point.machine === machine)
    .map(point => predict(modelOfTdp(point.tdpWatts, machine, fitted), point));
}

/** Fitted to the points nearest to the steps of `joulebook calibrate`, and asked for the others. */
function predictCalibrated(points: Point[], machine: string): Prediction[] {
  const own = points.filter(point => point.machine === machine);
  const threads = 16;
  const steps = new Set(
    loadSteps(threads).map(step => {
      const utilisation = (step.threads * step.duty) / threads;
      const alike = own.filter(({ isPartly }) => isPartly === step.duty < 1);
      return alike.reduce((best, point) =>
        distance(point, utilisation) < distance(best, utilisation) ? point : best
      );
    })
  );
  const model = fitModel([...steps]);
  return own.filter(point => !steps.has(point)).map(point => predict(model, point));
}

function distance({ utilisation }: Point, from: number): number {
  return Math.abs(utilisation - from);
}

function predict(model: Omit<CpuModel, 'origin'>, point: Point): Prediction {
  const watts = cpuWatts(model, point.utilisation);
  return { point, watts, low: watts * model.relativeLow, high: watts * model.relativeHigh };
}

/** CodeCarbon 3's fallback: a cubic of utilisation above a tenth of TDP. */
function codecarbonWatts({ tdpWatts, utilisation }: Point): number {
  return tdpWatts * (0.1 + 0.9 * utilisation ** 3);
}

function meanError(predictions: Pick<Prediction, 'point' | 'watts'>[]): number {
  const errors = predictions.map(({ point, watts }) => 100 * Math.abs(watts / point.watts - 1));
  return errors.reduce((a, b) => a + b, 0) / errors.length;
}

function errorRow(
  what: string,
  predictions: Prediction[],
  goal: number,
  other: number | null
): BenchResult {
  const ours = meanError(predictions);
  const compared = { ours, other, ratio: other === null ? null : ours / other, unit: '%' };
  const name = `mean absolute error, ${what}`;
  return { name, ...compared, goal: `at most ${goal} %`, met: ours <= goal };
}

function coverageRow(what: string, predictions: Prediction[], goal: number): BenchResult {
  const held = predictions.filter(
    ({ point, low, high }) => low <= point.watts && point.watts <= high
  );
  const ours = (100 * held.length) / predictions.length;
  const alone = { other: null, ratio: null, unit: '%' };
  const name = `interval coverage, ${what}`;
  return { name, ours, ...alone, goal: `at least ${goal} %`, met: ours >= goal };
}
