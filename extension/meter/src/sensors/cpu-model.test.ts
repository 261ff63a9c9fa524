import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { utilisationModel } from './coefficients.ts';
import { type CpuModel, cpuWatts, fitTdpModel, modelOfTdp } from './cpu-model.ts';

const points = readFileSync(join(__dirname, 'fixtures', 'cpu-load-profiles.csv'), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map(line => {
    const [machine = '', tdp, , utilisation, watts] = line.split(',');
    return {
      machine,
      tdpWatts: Number(tdp),
      utilisation: Number(utilisation),
      watts: Number(watts)
    };
  });
type Point = (typeof points)[number];
const machines = [...new Set(points.map(({ machine }) => machine))];

/** Mean |model / truth - 1| and the share of points inside the interval. */
function judge(predictions: { model: CpuModel; point: Point }[]) {
  const judged = predictions.map(({ model, point }) => {
    const watts = cpuWatts(model, point.utilisation);
    const { relativeLow, relativeHigh } = model;
    return {
      error: Math.abs(watts / point.watts - 1),
      inside: watts * relativeLow <= point.watts && point.watts <= watts * relativeHigh
    };
  });
  return {
    error: judged.reduce((sum, { error }) => sum + error, 0) / judged.length,
    coverage: judged.filter(({ inside }) => inside).length / judged.length
  };
}

describe('the CPU model', () => {
  it('errs by at most 38 % on machines it has not seen, and its interval holds 90 %', () => {
    const predictions = machines.flatMap(machine => {
      const others = points.filter(point => point.machine !== machine);
      const fitted = fitTdpModel(others, utilisationModel.floor);
      return points
        .filter(point => point.machine === machine)
        .map(point => ({ model: modelOfTdp(point.tdpWatts, machine, fitted), point }));
    });
    const { error, coverage } = judge(predictions);
    expect(error).toBeLessThanOrEqual(0.38);
    expect(coverage).toBeGreaterThanOrEqual(0.9);
  });

  it('ships the coefficients that this fit gives on all machines', () => {
    const fitted = fitTdpModel(points, utilisationModel.floor);
    expect(fitted.scale).toBeCloseTo(utilisationModel.scale, 2);
    expect(fitted.low).toBeCloseTo(utilisationModel.low, 1);
    expect(fitted.high).toBeCloseTo(utilisationModel.high, 1);
  });
});
