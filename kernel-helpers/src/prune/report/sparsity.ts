import type { Tree } from '../../tree.ts';
import { namedLeaves } from '../leaves.ts';
import { checkMasks, type Masks } from '../masks.ts';

/** How sparse one tensor is. */
export interface LayerSparsity {
  /** Path of the tensor. */
  readonly path: string;
  /** Its shape. */
  readonly shape: readonly number[];
  /** How many weights it has. */
  readonly weights: number;
  /** How many of them are 0. */
  readonly zeros: number;
  /** Share of zeros, from 0 to 1. */
  readonly sparsity: number;
  /** How many the mask prunes; null without a mask. */
  readonly masked: number | null;
}

/** How sparse a model is. */
export interface SparsityReport {
  /** One row for each tensor. */
  readonly layers: readonly LayerSparsity[];
  /** All weights. */
  readonly weights: number;
  /** All that are 0. */
  readonly zeros: number;
  /** Share of zeros among all. */
  readonly sparsity: number;
  /** All weights divided by those that are not 0. */
  readonly compression: number;
  /** The report as a table of text. */
  toString(): string;
}

/**
 * Counts zeros, tensor by tensor.
 * @param params Parameters.
 * @param masks Masks, to tell zeros that are meant from others.
 * @returns The report.
 * @throws HelperError `input/structure` or `input/shape` for masks that do not fit.
 */
export function sparsityReport(params: Tree, masks: Masks = {}): SparsityReport {
  checkMasks(params, masks);
  const layers = [...namedLeaves(params)].map(([path, leaf]): LayerSparsity => {
    const zeros = countZeros(leaf.dataSync());
    const mask = masks[path];
    const masked = mask ? countZeros(mask.dataSync()) : null;
    const { shape, size: weights } = leaf;
    return { path, shape, weights, zeros, sparsity: zeros / Math.max(1, weights), masked };
  });
  const weights = layers.reduce((sum, layer) => sum + layer.weights, 0);
  const zeros = layers.reduce((sum, layer) => sum + layer.zeros, 0);
  const total = { weights, zeros, sparsity: zeros / Math.max(1, weights) };
  return {
    layers,
    ...total,
    compression: weights / Math.max(1, weights - zeros),
    toString: () => table([...layers, { path: 'all', shape: [], masked: null, ...total }])
  };
}

function countZeros(values: ArrayLike<number>): number {
  let zeros = 0;
  for (let i = 0; i < values.length; i++) if (values[i] === 0) zeros++;
  return zeros;
}

function table(rows: readonly LayerSparsity[]): string {
  const cells = rows.map(({ path, shape, weights, zeros, sparsity }) => [
    path,
    shape.join('×'),
    String(weights),
    String(weights - zeros),
    `${(100 * sparsity).toFixed(1)} %`
  ]);
  const all = [['tensor', 'shape', 'weights', 'not 0', 'sparsity'], ...cells];
  const widths = all[0]!.map((_, column) => Math.max(...all.map(row => row[column]!.length)));
  return all
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd()
    )
    .join('\n');
}
