import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';
import type { Address } from '../runtime/declarations.ts';
import { TensorFlowError } from '../runtime/errors.ts';
import { tensorflow } from '../runtime/start.ts';
import { DataType } from '../runtime/types.ts';
import { fillInGraph } from './fill.ts';
import { type Recorded, type Recorder, uniqueName } from './record.ts';
import type { InputSource } from './graph-inputs.ts';
import type { Recording } from './recording.ts';
import type { ScanStep } from './scan.ts';
import { type Flat, flatten, type Structure, unflatten } from './structure.ts';
import { changed } from './variables.ts';

interface Slot {
  readonly shape: number[];
  readonly dtype: number;
}

/** The loop's body as a function. Its state: step, seed, carry, inputs, what it reads from outside, outputs so far. */
interface Body {
  readonly compiled: Address;
  readonly name: string;
  readonly state: readonly Slot[];
  /** Where the parts of the state that it reads from outside come from. */
  readonly outside: readonly InputSource[];
  readonly outputs: Structure;
  readonly outputSlots: readonly Slot[];
  readonly operations: number;
  readonly lineOf: (operation: string) => string;
}

const stepSlot: Slot = { shape: [], dtype: DataType.int32 };
const seedSlot: Slot = { shape: [2], dtype: DataType.int32 };

/**
 * Records a loop: its body and its condition become functions that one operation of a third calls.
 * @param recorder Records with one TensorFlow.
 * @param name What the loop is called.
 * @param step One step.
 * @param length How many steps.
 * @param args What is carried at first, and the stacked inputs.
 * @returns The loop as a recorded function.
 * @throws TensorFlowError `jit/scan` when the carry changes or a variable is written.
 */
export function recordLoop(
  recorder: Recorder,
  name: string,
  step: ScanStep<unknown, unknown, unknown>,
  length: number,
  args: Flat
): Recorded {
  const started = performance.now();
  const { backend } = tensorflow();
  const { api } = backend.binding.library;
  const slots = args.leaves.map(leaf => {
    backend.idOf(leaf);
    return { shape: leaf.shape, dtype: backend.dataOf(leaf.dataId).dtype };
  });
  const [carry, inputs = { value: undefined }] = (args.structure as { list: Structure[] }).list;
  const carried = countLeaves(carry!);
  const body = recordBody(recorder, name, step, length, { carry: carry!, inputs, carried, slots });
  const condition = recordCondition(recorder, name, length, body.state);
  try {
    const loop = recordWhole(recorder, name, carried, slots, body, condition);
    return {
      ...loop,
      structure: {
        record: { carry: carry!, outputs: shifted(body.outputs, carried) }
      },
      written: [],
      operations: body.operations,
      convolutionProducts: 0,
      recordMs: performance.now() - started,
      lineOf: body.lineOf
    };
  } finally {
    api.TF_DeleteFunction(body.compiled);
    api.TF_DeleteFunction(condition.compiled);
  }
}

function recordBody(
  recorder: Recorder,
  name: string,
  step: ScanStep<unknown, unknown, unknown>,
  length: number,
  args: { carry: Structure; inputs: Structure; carried: number; slots: readonly Slot[] }
): Body {
  const { backend } = tensorflow();
  return recorder.stage((recording, fresh) => {
    recording.inputs.variablesAsValues = true;
    const state = [stepSlot, seedSlot, ...args.slots];
    const symbols = takeAll(recorder, recording, state);
    const [counter, seed] = symbols as [Tensor, Tensor];
    const leaves = symbols.slice(2);
    const perStep = tf.mul(tf.stack([counter, counter]), tf.scalar(104729, 'int32'));
    recording.seedFrom(backend.idOf(tf.add(seed, perStep)));
    const before = recorder.snapshot();
    const result = step(
      unflatten(args.carry, leaf => leaves[leaf]!),
      unflatten(args.inputs, leaf => tf.gather(leaves[leaf]!, counter))
    );
    refuseWrites(name, [...changed(before), ...fresh.map(({ variable }) => variable)]);
    const carry = flatten(result.carry, 'carry');
    assertSameCarry(name, carry, leaves.slice(0, args.carried));
    const output = flatten(result.output ?? null, 'output');
    const outside = recording.inputs.sources.slice(state.length);
    const outsideSymbols = recording.outsideSince(state.length);
    const outputSlots = output.leaves.map(leaf => ({
      shape: [length, ...leaf.shape],
      dtype: recording.resolve(backend.idOf(leaf)).dtype
    }));
    const stacks = takeAll(recorder, recording, outputSlots);
    const stacked = stacks.map((stack, i) =>
      tf.tensorScatterUpdate(
        stack,
        tf.reshape(counter, [1, 1]),
        tf.expandDims(output.leaves[i]!, 0)
      )
    );
    const functionName = uniqueName(`${name}_step`);
    const compiled = recording.finish(functionName, [
      backend.idOf(tf.add(counter, tf.scalar(1, 'int32'))),
      backend.idOf(seed),
      ...carry.leaves.map(leaf => backend.idOf(leaf)),
      ...leaves.slice(args.carried).map(leaf => backend.idOf(leaf)),
      ...outsideSymbols.map(({ id }) => id),
      ...stacked.map(leaf => backend.idOf(leaf))
    ]);
    return {
      compiled,
      name: functionName,
      state: [...state, ...outsideSymbols, ...outputSlots],
      outside,
      outputs: output.structure,
      outputSlots,
      operations: recording.graph.size,
      lineOf: operation => recording.lineOf(operation)
    };
  });
}

function recordCondition(
  recorder: Recorder,
  name: string,
  length: number,
  state: readonly Slot[]
): { compiled: Address; name: string } {
  const { backend } = tensorflow();
  return recorder.stage(recording => {
    const [counter] = takeAll(recorder, recording, state);
    const goOn = tf.less(counter!, tf.scalar(length, 'int32'));
    const functionName = uniqueName(`${name}_more`);
    return { compiled: recording.finish(functionName, [backend.idOf(goOn)]), name: functionName };
  });
}

function recordWhole(
  recorder: Recorder,
  name: string,
  carried: number,
  slots: readonly Slot[],
  body: Body,
  condition: { compiled: Address; name: string }
): Pick<Recorded, 'name' | 'inputs' | 'outputs'> {
  const { backend } = tensorflow();
  const { api } = backend.binding.library;
  return recorder.stage(recording => {
    recording.graph.useFunction(body.compiled);
    recording.graph.useFunction(condition.compiled);
    const outsideSlots = body.state.slice(2 + slots.length);
    const first = [
      backend.idOf(tf.scalar(0, 'int32')),
      recording.seed(),
      ...slots.map(
        ({ shape, dtype }, index) => recording.input({ kind: 'argument', index }, shape, dtype).id
      ),
      ...body.outside.map(
        (source, i) => recording.input(source, outsideSlots[i]!.shape, outsideSlots[i]!.dtype).id
      ),
      ...body.outputSlots.map(({ shape, dtype }) => fillInGraph(recording, shape, dtype, 0).id)
    ];
    const loop = recording.graph.loop(
      first.map(id => recording.resolve(id)),
      body.state.map(({ dtype }) => dtype),
      condition.name,
      body.name
    );
    const firstOutput = body.state.length - body.outputSlots.length;
    const results = body.state
      .map((slot, index) => ({ operation: loop, index, ...slot }))
      .filter(({ index }) => (index >= 2 && index < 2 + carried) || index >= firstOutput);
    const ids = results.map(result => recording.made(result, 'StatelessWhile').id);
    const functionName = uniqueName(name);
    api.TF_DeleteFunction(recording.finish(functionName, ids));
    const outputs = results.map(({ shape, dtype }) => ({ shape, dtype }));
    return { name: functionName, inputs: recording.inputs.sources, outputs };
  });
}

/** Inputs of a function, all of them in the graph at once, so that they keep their order. */
function takeAll(recorder: Recorder, recording: Recording, slots: readonly Slot[]): Tensor[] {
  return slots.map(({ shape, dtype }, index) => {
    const input = recording.input({ kind: 'argument', index }, shape, dtype);
    recording.resolve(input.id);
    return recorder.wrap(input);
  });
}

function countLeaves(structure: Structure): number {
  let count = 0;
  const visit = (node: Structure): void => {
    if ('leaf' in node) count++;
    else if ('list' in node) node.list.forEach(visit);
    else if ('record' in node) Object.values(node.record).forEach(visit);
  };
  visit(structure);
  return count;
}

/** The structure with its leaves counted from a later number on. */
function shifted(structure: Structure, by: number): Structure {
  if ('leaf' in structure) return { leaf: structure.leaf + by };
  if ('list' in structure) return { list: structure.list.map(item => shifted(item, by)) };
  if (!('record' in structure)) return structure;
  const entries = Object.entries(structure.record);
  return { record: Object.fromEntries(entries.map(([key, item]) => [key, shifted(item, by)])) };
}

function assertSameCarry(name: string, carry: Flat, before: readonly Tensor[]): void {
  const found = carry.leaves.map(describe);
  const expected = before.map(describe);
  if (found.join() === expected.join()) return;
  throw new TensorFlowError(
    'jit/scan',
    `expected ${name} to carry on ${expected.join(', ') || 'nothing'}, got ${found.join(', ') || 'nothing'}; what is carried keeps its shapes and data types`
  );
}

function describe(tensor: Tensor): string {
  return `${tensor.dtype}[${tensor.shape.join()}]`;
}

function refuseWrites(name: string, variables: readonly { name: string }[]): void {
  const [first] = variables;
  if (!first) return;
  throw new TensorFlowError(
    'jit/scan',
    `${name} makes or writes the variable ${first.name}, which a loop cannot; put what changes into the carry`
  );
}
