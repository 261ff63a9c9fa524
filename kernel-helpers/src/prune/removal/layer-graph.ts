import type * as tf from '@tensorflow/tfjs';
import { HelperError } from '../../errors.ts';
import { comparesChannels, kindOf, type Kernel, type LayerKind } from './layer-kinds.ts';
import { Channels, type UnitAxis, type UnitFamily, type UnitGraph } from './units.ts';

type Layer = tf.layers.Layer;
type Shape = readonly (number | null)[];

/** A layer that makes channels. */
export interface Maker {
  readonly layer: Layer;
  /** Name of the option that holds how many. */
  readonly size: string;
  /** Units it makes, −1 where they must stay. */
  readonly units: Int32Array;
  /** Why its channels must stay; undefined when some may go. */
  readonly reason: string | undefined;
}

/** How channels flow through a Layers model. */
export interface LayerGraph extends UnitGraph {
  /** Layers that make channels, by name. */
  readonly makers: ReadonlyMap<string, Maker>;
  /** Reshape layers whose last side counts channels. */
  readonly reshapes: ReadonlyMap<string, Int32Array>;
}

/**
 * Follows channels through a Layers model: which weights make, scale and read each of them, and which must go together.
 * Shared layers and models of several inputs and outputs are followed too; where channels cannot be followed they stay.
 * @param model A built model.
 * @returns The graph.
 * @see Fang et al. 2023, arXiv:2301.12900, for the idea of dependency graphs
 */
export function layerGraph(model: tf.LayersModel): LayerGraph {
  const tracer = new Tracer();
  const outputs = model.outputs.map(output => tracer.follow(output));
  outputs.forEach(channels => tracer.channels.freeze(channels, 'it is an output of the model'));
  return tracer.graph();
}

interface Made {
  readonly layer: Layer;
  readonly size: string;
  readonly channels: Int32Array;
}

/** Axes before it is known which channels are joined. */
type RawAxis = Omit<UnitAxis, 'unitOf'> & { readonly channels: Int32Array };

class Tracer {
  readonly channels = new Channels();
  readonly #known = new Map<number, Int32Array>();
  readonly #made = new Map<string, Made>();
  /** Channels that the first use of a layer read; others are joined with them. */
  readonly #read = new Map<string, Int32Array>();
  readonly #axes: RawAxis[] = [];
  readonly #reshapes = new Map<string, Int32Array>();

  /** The channels on a tensor's last axis. */
  follow(tensor: tf.SymbolicTensor): Int32Array {
    const known = this.#known.get(tensor.id);
    if (known) return known;
    const { sourceLayer: layer, nodeIndex } = tensor as tf.SymbolicTensor & {
      sourceLayer: Layer;
      nodeIndex: number;
    };
    const node = (layer as unknown as { inboundNodes: { inputTensors: tf.SymbolicTensor[] }[] })
      .inboundNodes[nodeIndex]!;
    const inputs = node.inputTensors.filter(input => input.id !== tensor.id);
    const read = inputs.map(input => this.follow(input));
    const channels = this.#through(
      layer,
      read,
      inputs.map(input => input.shape),
      tensor.shape
    );
    this.#known.set(tensor.id, channels);
    return channels;
  }

  graph(): LayerGraph {
    const numbers = new Map<number, number>();
    const unitOf = (channels: Int32Array): Int32Array =>
      channels.map(channel => {
        if (this.channels.reason(channel) !== undefined) return -1;
        const root = this.channels.find(channel);
        if (!numbers.has(root)) numbers.set(root, numbers.size);
        return numbers.get(root)!;
      });
    const makers = [...this.#made.values()].map(({ layer, size, channels }): Maker => {
      const reasons = Array.from(channels, channel => this.channels.reason(channel));
      const reason = reasons.includes(undefined) ? undefined : reasons[0];
      return { layer, size, units: unitOf(channels), reason };
    });
    return {
      axes: this.#axes.map(({ channels, ...axis }) => ({ ...axis, unitOf: unitOf(channels) })),
      families: familiesOf(makers),
      makers: new Map(makers.map(maker => [maker.layer.name, maker])),
      reshapes: new Map([...this.#reshapes].map(([name, channels]) => [name, unitOf(channels)]))
    };
  }

  #through(layer: Layer, read: Int32Array[], shapes: Shape[], shape: Shape): Int32Array {
    const config = layer.getConfig();
    const kind = kindOf(layer.getClassName(), config);
    const last = shape.at(-1) ?? 1;
    const stays = (reason: string): Int32Array => {
      const why = `${layer.name}: ${reason}`;
      read.forEach(channels => this.channels.freeze(channels, why));
      const fresh = this.channels.make(last);
      this.channels.freeze(fresh, why);
      return fresh;
    };
    if (typeof kind === 'string') return stays(kind);
    const compares = comparesChannels(config);
    if (compares && kind.kind === 'passes') return stays(compares);
    const [first = new Int32Array(0)] = read;
    switch (kind.kind) {
      case 'input':
        return stays('it is an input of the model');
      case 'makes':
        return this.#make(layer, kind, first, compares);
      case 'depthwise':
        return this.#depthwise(layer, first, last);
      case 'scales':
        return (
          this.#scale(layer, config.axis, shape.length, first) ??
          stays('it scales something else than channels')
        );
      case 'merges':
        return this.#merge(read);
      case 'concatenates':
        return this.#concatenate(config.axis as number, read, shapes[0]!);
      case 'flattens':
        return Int32Array.from({ length: last }, (_, i) => first[i % first.length]!);
      case 'reshapes':
        if (last !== first.length) return stays('it spreads channels over other axes');
        this.#reshapes.set(layer.name, first);
        return first;
      case 'passes':
        return first;
    }
  }

  #make(
    layer: Layer,
    { size, kernel }: Extract<LayerKind, { kind: 'makes' }>,
    read: Int32Array,
    compares: string | undefined
  ): Int32Array {
    const isNew = this.#reads(layer, read);
    const known = this.#made.get(layer.name);
    if (known) return known.channels;
    const channels = this.channels.make(Number(layer.getConfig()[snakeToCamel(size)]));
    if (compares) this.channels.freeze(channels, `${layer.name}: ${compares}`);
    this.#made.set(layer.name, { layer, size, channels });
    if (isNew) this.#kernelAxes(layer, kernel, read, channels);
    return channels;
  }

  #kernelAxes(layer: Layer, kernel: Kernel, read: Int32Array, made: Int32Array): void {
    const depthwise = weightNamed(layer, 'depthwise_kernel');
    let reads = read;
    if (depthwise) {
      this.#axis(depthwise, -2, read, 'in');
      reads = repeated(read, depthwise.shape.at(-1)!);
    }
    const weight = weightNamed(layer, kernel.name)!;
    if (kernel.inAxis !== null) this.#axis(weight, kernel.inAxis, reads, 'in');
    this.#axis(weight, kernel.outAxis!, made, 'out');
    const bias = weightNamed(layer, 'bias');
    if (bias) this.#axis(bias, -1, made, 'along');
  }

  #depthwise(layer: Layer, read: Int32Array, last: number): Int32Array {
    const channels = repeated(read, last / read.length);
    if (!this.#reads(layer, read)) return channels;
    this.#axis(weightNamed(layer, 'depthwise_kernel')!, -2, read, 'along');
    const bias = weightNamed(layer, 'bias');
    if (bias) this.#axis(bias, -1, channels, 'along');
    return channels;
  }

  #scale(layer: Layer, axis: unknown, rank: number, read: Int32Array): Int32Array | null {
    if (![undefined, -1, rank - 1].includes([axis].flat()[0] as number | undefined)) return null;
    if (layer.weights.some(({ shape }) => shape.at(-1) !== read.length)) return null;
    if (!this.#reads(layer, read)) return read;
    for (const weight of layer.weights) {
      const isFactor = weight.originalName.endsWith('/gamma');
      this.#axis(weight, -1, read, isFactor ? 'scale' : 'along');
    }
    return read;
  }

  #merge(read: Int32Array[]): Int32Array {
    // A single channel is spread over all: it goes with none of them.
    const widest = read.reduce((a, b) => (b.length > a.length ? b : a));
    for (const channels of read)
      if (channels.length === widest.length) this.channels.join(channels, widest);
    return widest;
  }

  #concatenate(axis: number, read: Int32Array[], shape: Shape): Int32Array {
    if (axis !== -1 && axis !== shape.length - 1) return this.#merge(read);
    return Int32Array.from(read.flatMap(channels => [...channels]));
  }

  /** Notes what a layer reads; what another use of it reads is joined with that. */
  #reads(layer: Layer, read: Int32Array): boolean {
    const before = this.#read.get(layer.name);
    if (before) this.channels.join(read, before);
    else this.#read.set(layer.name, read);
    return !before;
  }

  #axis(
    weight: tf.layers.Layer['weights'][number],
    axis: number,
    channels: Int32Array,
    role: UnitAxis['role']
  ): void {
    this.#axes.push({ weight: weight.name, axis: weight.shape.length + axis, channels, role });
  }
}

/** Layers whose channels are joined, and the channels of each. */
function familiesOf(makers: readonly Maker[]): UnitFamily[] {
  const layers = new Channels();
  const own = layers.make(makers.length);
  const makerOf = new Map<number, number>();
  makers.forEach(({ units }, i) => {
    for (const unit of units) {
      if (unit === -1) continue;
      const other = makerOf.get(unit);
      if (other === undefined) makerOf.set(unit, i);
      else layers.join(own.subarray(i, i + 1), own.subarray(other, other + 1));
    }
  });
  const families = new Map<number, { names: string[]; units: Set<number> }>();
  makers.forEach(({ layer, units }, i) => {
    const free = units.filter(unit => unit !== -1);
    if (free.length === 0) return;
    const root = layers.find(i);
    const family = families.get(root) ?? { names: [], units: new Set<number>() };
    family.names.push(layer.name);
    free.forEach(unit => family.units.add(unit));
    families.set(root, family);
  });
  return [...families.values()].map(({ names, units }) => ({
    name: names.join(', '),
    units: [...units]
  }));
}

function weightNamed(layer: Layer, name: string): Layer['weights'][number] | undefined {
  return layer.weights.find(({ originalName }) => originalName.endsWith(`/${name}`));
}

function repeated(channels: Int32Array, times: number): Int32Array {
  return Int32Array.from(
    { length: channels.length * times },
    (_, i) => channels[Math.floor(i / times)]!
  );
}

function snakeToCamel(name: string): string {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * Checks that layers can lose channels.
 * @param graph The model's graph.
 * @param names Names of layers.
 * @throws HelperError `input/value` for a layer that is not there, or that cannot be pruned, with the reason.
 */
export function checkLayers({ makers }: LayerGraph, names: readonly string[]): void {
  for (const name of names) {
    const maker = makers.get(name);
    if (!maker) {
      throw new HelperError(
        'input/value',
        `expected { layers } to name layers that make channels, such as ${[...makers.keys()].slice(0, 6).join(', ')}, got ${name}`
      );
    }
    if (maker.reason !== undefined) {
      throw new HelperError(
        'input/value',
        `expected { layers } to name layers that can lose channels, got ${name}: ${maker.reason}`
      );
    }
  }
}
