import type { Address } from './declarations.ts';
import { TensorFlowError } from './errors.ts';
import type { Library } from './library.ts';
import { encodeOutputs } from './outputs.ts';

interface SavedModel {
  session: Address;
  graph: Address;
}

/** The SavedModels this process has loaded. */
export class SavedModels {
  readonly #library: Library;
  readonly #models = new Map<number, SavedModel>();
  #next = 0;

  /**
   * Holds no model yet.
   * @param library TensorFlow.
   */
  constructor(library: Library) {
    this.#library = library;
  }

  /** How many are loaded. */
  get count(): number {
    return this.#models.size;
  }

  /**
   * Loads a SavedModel.
   * @param folder The folder that holds `saved_model.pb`.
   * @param tags Tags of its graph, separated by commas.
   * @returns Its number.
   * @throws TensorFlowError `tensorflow/saved-model` when TensorFlow refuses it.
   */
  load(folder: string, tags: string): number {
    const { api, status } = this.#library;
    const list = tags.split(',').map(tag => this.#library.text(tag));
    const options = api.TF_NewSessionOptions();
    const graph = api.TF_NewGraph();
    const session = api.TF_LoadSessionFromSavedModel(
      options,
      0,
      folder,
      BigUint64Array.from(list, BigInt),
      list.length,
      graph,
      0,
      status
    );
    api.TF_DeleteSessionOptions(options);
    if (api.TF_GetCode(status) !== 0) api.TF_DeleteGraph(graph);
    this.#library.check(`the SavedModel in ${folder}`, 'tensorflow/saved-model');
    this.#models.set(this.#next, { session, graph });
    return this.#next++;
  }

  /**
   * Runs a loaded SavedModel.
   * @param id Its number.
   * @param inputs Tensors to feed, as addresses of TF_Tensor; they stay the caller's.
   * @param inputNames `operation:index` of each input.
   * @param outputNames `operation:index` of each output.
   * @returns The outputs as addresses of TF_Tensor; they are the caller's.
   * @throws TensorFlowError `tensorflow/saved-model` for an unknown name or when the run fails.
   */
  run(id: number, inputs: Address[], inputNames: string[], outputNames: string[]): Address[] {
    const { api, status } = this.#library;
    const { session, graph } = this.#find(id);
    const results = new BigUint64Array(Math.max(1, outputNames.length));
    api.TF_SessionRun(
      session,
      0,
      encodeOutputs(inputNames.map(name => this.#output(graph, name))),
      BigUint64Array.from(inputs, BigInt),
      inputs.length,
      encodeOutputs(outputNames.map(name => this.#output(graph, name))),
      results,
      outputNames.length,
      0,
      0,
      0,
      status
    );
    this.#library.check('running a SavedModel', 'tensorflow/saved-model');
    return Array.from(results.subarray(0, outputNames.length), Number);
  }

  /**
   * Unloads a SavedModel.
   * @param id Its number.
   * @throws TensorFlowError `tensorflow/saved-model` when it is not loaded.
   */
  delete(id: number): void {
    const { api, status } = this.#library;
    const { session, graph } = this.#find(id);
    this.#models.delete(id);
    api.TF_DeleteSession(session, status);
    api.TF_DeleteGraph(graph);
    this.#library.check('unloading a SavedModel', 'tensorflow/saved-model');
  }

  #find(id: number): SavedModel {
    const model = this.#models.get(id);
    if (model) return model;
    throw new TensorFlowError(
      'tensorflow/saved-model',
      `expected a loaded SavedModel, number ${id} is none; it may have been disposed of`
    );
  }

  #output(graph: Address, name: string): { operation: Address; index: number } {
    const [operationName = '', index = '0'] = name.split(':');
    const operation = this.#library.api.TF_GraphOperationByName(graph, operationName);
    if (operation !== 0) return { operation, index: Number(index) };
    throw new TensorFlowError(
      'tensorflow/saved-model',
      `the SavedModel has no operation named ${operationName}`
    );
  }
}
