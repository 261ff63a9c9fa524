import { checkNumber, HelperError, inWords } from '../../errors.ts';
import { checkAlike, mapTree, type Tree } from '../../tree.ts';
import { namedLeaves } from '../leaves.ts';
import { chooseUnits, type UnitOptions, type WeightValues } from './choose-units.ts';
import { removeUnitsFrom } from './slice.ts';
import type { UnitAxis, UnitGraph } from './units.ts';

/** Where one kind of units shows up in a tree of parameters. */
export interface Coupling {
  /** Name for messages and reports. */
  readonly name: string;
  /** How many units there are. */
  readonly units: number;
  /** Tensors whose axis makes, reads or goes along with the units, by path. */
  readonly at: Readonly<Record<string, CoupledAxis>>;
}

/** An axis along which units lie. */
export interface CoupledAxis {
  /** Axis from 0. */
  readonly axis: number;
  /** Whether the tensor makes the units, which are scored by it; others read them or go along. @default false */
  readonly makes?: boolean;
  /** The unit at an index. @default index mod units */
  readonly unitOf?: (index: number) => number;
}

/** Which units go. */
export interface RemoveUnitsOptions extends UnitOptions {
  /** Gradients like the parameters, for scores that look at them. */
  gradients?: Tree;
  /** Other evidence like the parameters. */
  memory?: Tree;
}

/**
 * Takes units out of a tree of parameters, whose network works with any number of them: hidden units, filters, attention heads.
 * @param params Parameters; they are not changed.
 * @param couplings Which axes belong together.
 * @param options See `RemoveUnitsOptions`.
 * @returns New, smaller parameters that belong to the caller.
 * @throws HelperError `input/structure` or `input/shape` for a coupling that does not fit, and as `removeChannels`.
 * @example removeUnits(params, denseUnits(params), { sparsity: 0.5 })
 */
export function removeUnits<P extends Tree>(
  params: P,
  couplings: readonly Coupling[],
  options: RemoveUnitsOptions
): P {
  if (!Array.isArray(couplings) || couplings.length === 0) {
    throw new HelperError(
      'input/empty',
      `expected at least one coupling, got ${inWords(couplings)}; denseUnits and attentionHeads make them`
    );
  }
  const named = namedLeaves(params);
  const graph = graphOf(couplings, named);
  const [gradients, memory] = [options.gradients, options.memory].map(tree =>
    tree ? checkAlike(params, tree) : []
  );
  const entries = [...named].map(([path, leaf], i): [string, WeightValues] => {
    const [gradient, gathered] = [gradients![i], memory![i]].map(t => t?.dataSync<'float32'>());
    return [
      path,
      { shape: leaf.shape, values: leaf.dataSync<'float32'>(), gradient, memory: gathered }
    ];
  });
  const gone = chooseUnits(graph, new Map(entries), options);
  const smaller = removeUnitsFrom(named, graph.axes, gone);
  return mapTree(params, (leaf, path) => smaller.get(path) ?? leaf.clone());
}

/**
 * The hidden units of a perceptron such as `mlp` or `leNet300` makes.
 * @param params Its parameters.
 * @returns One coupling for each hidden layer.
 */
export function denseUnits(params: {
  readonly layers: readonly { readonly weight: { readonly shape: readonly number[] } }[];
}): Coupling[] {
  return params.layers.slice(0, -1).map(({ weight }, i) => ({
    name: `layers.${i}`,
    units: weight.shape[1]!,
    at: {
      [`layers.${i}.weight`]: { axis: 1, makes: true },
      [`layers.${i}.bias`]: { axis: 0 },
      [`layers.${i + 1}.weight`]: { axis: 0 }
    }
  }));
}

/**
 * The attention heads of a transformer such as `transformer` makes.
 * @param params Its parameters.
 * @param heads How many heads each block has.
 * @returns One coupling for each block.
 * @throws HelperError `input/value` for a number of heads that the blocks cannot have.
 * @see Michel et al. 2019, arXiv:1905.10650
 */
export function attentionHeads(
  params: {
    readonly blocks: readonly {
      readonly mix: { readonly weight: { readonly shape: readonly number[] } };
    }[];
  },
  heads: number
): Coupling[] {
  checkNumber('heads', heads, { from: 1, integer: true });
  return params.blocks.map(({ mix }, i) => {
    const size = mix.weight.shape[0]! / heads;
    if (!Number.isInteger(size)) {
      throw new HelperError(
        'input/value',
        `expected heads to divide the ${mix.weight.shape[0]} rows of blocks.${i}.mix.weight, got ${heads}`
      );
    }
    const unitOf = (index: number): number => Math.floor(index / size) % heads;
    return {
      name: `blocks.${i}.attention`,
      units: heads,
      at: {
        [`blocks.${i}.attention.weight`]: { axis: 1, makes: true, unitOf },
        [`blocks.${i}.attention.bias`]: { axis: 0, unitOf },
        [`blocks.${i}.mix.weight`]: { axis: 0, makes: true, unitOf }
      }
    };
  });
}

function graphOf(
  couplings: readonly Coupling[],
  named: ReadonlyMap<string, { readonly shape: readonly number[] }>
): UnitGraph {
  let first = 0;
  const axes: UnitAxis[] = [];
  const families = couplings.map(({ name, units, at }) => {
    const numbers = Array.from({ length: units }, (_, i) => first + i);
    for (const [
      weight,
      { axis, makes = false, unitOf = (index: number) => index % units }
    ] of Object.entries(at)) {
      const length = named.get(weight)?.shape[axis];
      if (length === undefined || !Number.isInteger(length / units)) {
        throw new HelperError(
          named.has(weight) ? 'input/shape' : 'input/structure',
          `expected axis ${axis} of ${weight} to hold the ${units} units of ${name}, got ${length === undefined ? 'no such axis' : `a length of ${length}`}`
        );
      }
      const own = Int32Array.from({ length }, (_, index) => numbers[unitOf(index)] ?? -1);
      axes.push({ weight, axis, unitOf: own, role: makes ? 'out' : 'along' });
    }
    first += units;
    return { name, units: numbers };
  });
  return { axes, families };
}
