import type { Variable } from '@tensorflow/tfjs';
import type { Address, GraphOutput } from '../runtime/declarations.ts';
import { DataType } from '../runtime/types.ts';
import type { Graph, GraphTensor } from './graph.ts';

/** Where an input of a recorded function comes from at each call. */
export type InputSource =
  | { readonly kind: 'argument'; readonly index: number }
  | { readonly kind: 'variable'; readonly variable: Variable }
  | { readonly kind: 'captured'; readonly handle: Address }
  | { readonly kind: 'seed' };

/** Where a variable is in the graph. */
interface Place {
  readonly resource: GraphTensor;
  /** The operations that read it. */
  readonly reads: Address[];
}

/** The inputs of a graph in the order in which they joined it. */
export class GraphInputs {
  /** Where each comes from. */
  readonly sources: InputSource[] = [];
  readonly outputs: GraphTensor[] = [];
  /** Whether variables come as values rather than as resources, as they must into the body of a loop. */
  variablesAsValues = false;
  readonly #graph: Graph;
  readonly #variables = new Map<Variable, Place>();

  /**
   * No inputs yet.
   * @param graph What they join.
   */
  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /** The operations that read variables. */
  get reads(): Address[] {
    return [...this.#variables.values()].flatMap(place => place.reads);
  }

  /**
   * Takes an input into the graph.
   * @param source Where it comes from.
   * @param shape Its shape.
   * @param dtype Its data type.
   * @returns Its value.
   */
  take(source: InputSource, shape: number[], dtype: number): GraphTensor {
    if (source.kind !== 'variable' || this.variablesAsValues) {
      return this.#join(source, this.#graph.placeholder(shape, dtype), shape, dtype);
    }
    const { resource, reads } = this.#placeOf(source.variable);
    const value = this.#graph.read(resource, shape, dtype);
    reads.push(value.operation);
    return value;
  }

  /**
   * The resource of a variable, which joins the graph if it has not yet.
   * @param variable The variable.
   * @returns The resource.
   */
  resourceOf(variable: Variable): GraphTensor {
    return this.#placeOf(variable).resource;
  }

  #placeOf(variable: Variable): Place {
    const known = this.#variables.get(variable);
    if (known) return known;
    const source = { kind: 'variable', variable } as const;
    const resource = this.#join(source, this.#graph.resource(), [], DataType.resource);
    const place = { resource, reads: [] };
    this.#variables.set(variable, place);
    return place;
  }

  #join(source: InputSource, output: GraphOutput, shape: number[], dtype: number): GraphTensor {
    const tensor = { ...output, shape, dtype };
    this.sources.push(source);
    this.outputs.push(tensor);
    return tensor;
  }
}
