import { utilisationModel } from './coefficients.ts';

/** CPU power: `idleWatts + dynamicWatts * u ** exponent` at utilisation u in 0..1. */
export interface CpuModel {
  idleWatts: number;
  dynamicWatts: number;
  exponent: number;
  /** True power is at least and at most these factors of the model's, in 95 % of cases. */
  relativeLow: number;
  relativeHigh: number;
  /** Where it comes from, in words. */
  origin: string;
}

/** A point of a load profile. */
export interface LoadPoint {
  /** Busy share of all hardware threads, 0..1. */
  utilisation: number;
  watts: number;
}

/** How far beyond the points seen the interval reaches: chosen for 90 % and more on unseen machines. */
const widening = 1.2;
const inside = 0.95;

/** Mean CPU power in watts at a utilisation of 0..1. */
export function cpuWatts(
  model: Pick<CpuModel, 'idleWatts' | 'dynamicWatts' | 'exponent'>,
  utilisation: number
): number {
  const share = Math.min(Math.max(utilisation, 0), 1);
  return model.idleWatts + model.dynamicWatts * share ** model.exponent;
}

/** The model of a CPU with a known TDP in watts, as fitted to other machines. */
export function modelOfTdp(
  tdpWatts: number,
  origin: string,
  { scale, floor, low, high } = utilisationModel
): CpuModel {
  return {
    idleWatts: tdpWatts * scale * floor,
    dynamicWatts: tdpWatts * scale * (1 - floor),
    exponent: 1,
    relativeLow: low,
    relativeHigh: high,
    origin
  };
}

/**
 * Fits the one free number of the model for unseen machines, and its interval.
 * @param points Load profiles of several machines, with their TDP.
 * @param floor Idle share of full power.
 */
export function fitTdpModel(
  points: readonly (LoadPoint & { tdpWatts: number })[],
  floor: number
): typeof utilisationModel {
  const shapes = points.map(point => (floor + (1 - floor) * point.utilisation) * point.tdpWatts);
  const ratios = points.map((point, index) => point.watts / (shapes[index] ?? NaN));
  // A mean of |prediction / truth - 1| is least at the median of the ratios weighted by 1 / ratio.
  const scale = weightedMedian(ratios);
  const [low, high] = bounds(ratios.map(ratio => ratio / scale));
  return { scale, floor, low, high };
}

function weightedMedian(ratios: readonly number[]): number {
  const sorted = [...ratios].sort((a, b) => a - b);
  const half = sorted.reduce((sum, ratio) => sum + 1 / ratio, 0) / 2;
  let weight = 0;
  return sorted.find(ratio => (weight += 1 / ratio) >= half) ?? NaN;
}

/** The span that holds the middle 95 % of ratios, widened. */
function bounds(ratios: readonly number[]): [number, number] {
  const sorted = [...ratios].sort((a, b) => a - b);
  const outside = (1 - inside) / 2;
  const low = sorted[Math.floor(outside * sorted.length)] ?? NaN;
  const high = sorted[Math.ceil((1 - outside) * sorted.length) - 1] ?? NaN;
  return [low / widening, high * widening];
}
