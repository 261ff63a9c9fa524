import { MeterError } from '../../errors.ts';

/** Mean power of the machine at one load. */
export interface LoadPoint {
  /** Share of all hardware threads that were busy, 0 to 1. */
  utilisation: number;
  watts: number;
}

/** CPU power as `idleWatts + dynamicWatts * utilisation ** exponent`, with its 95 % factors. */
export interface FittedModel {
  idleWatts: number;
  dynamicWatts: number;
  exponent: number;
  relativeLow: number;
  relativeHigh: number;
}

/**
 * What is left after a fit to the machine's own steps, as factors of the model: other work draws
 * another power at the same utilisation. Found by fitting steps like ours to CodeCarbon's public load
 * profiles (four machines, MIT) and comparing with their other points: mean error 13 %, 95 % of
 * points between these factors.
 */
const otherWork = { low: 0.65, high: 2 };
const exponents = Array.from({ length: 35 }, (_, n) => 0.3 + n * 0.05);
const leastWatts = 0.01;

/**
 * Fits the model to measured steps by least squares of the relative error.
 * @param points At least two, of different load, the idle one first.
 * @throws MeterError `cli/not-calibrated` when power does not grow with load.
 */
export function fitModel(points: LoadPoint[]): FittedModel {
  const [idle, ...loaded] = points;
  if (idle === undefined || loaded.length === 0) {
    throw new MeterError('cli/not-calibrated', `expected 2 loads or more, got ${points.length}`);
  }
  const fits = exponents.map(exponent => fitExponent(idle, loaded, exponent));
  const best = fits.reduce((a, b) => (b.error < a.error ? b : a));
  if (!(best.dynamicWatts > leastWatts) || !(idle.watts > leastWatts)) {
    const measured = points.map(({ watts }) => watts.toFixed(1)).join(', ');
    throw new MeterError(
      'cli/not-calibrated',
      `expected power above 0 that grows with load, got ${measured} W: does the reading cover this ` +
        'machine, and nothing else?'
    );
  }
  const { dynamicWatts, exponent } = best;
  const factors = loaded.map(({ utilisation, watts }) => {
    return watts / (idle.watts + dynamicWatts * utilisation ** exponent);
  });
  return {
    idleWatts: idle.watts,
    dynamicWatts,
    exponent,
    relativeLow: Math.min(otherWork.low, ...factors),
    relativeHigh: Math.max(otherWork.high, ...factors)
  };
}

function fitExponent(idle: LoadPoint, loaded: LoadPoint[], exponent: number) {
  let [numerator, denominator] = [0, 0];
  for (const { utilisation, watts } of loaded) {
    const x = utilisation ** exponent / watts;
    numerator += (x * (watts - idle.watts)) / watts;
    denominator += x ** 2;
  }
  const dynamicWatts = numerator / denominator;
  const error = loaded.reduce((sum, { utilisation, watts }) => {
    return sum + ((idle.watts + dynamicWatts * utilisation ** exponent) / watts - 1) ** 2;
  }, 0);
  return { dynamicWatts, exponent, error };
}
