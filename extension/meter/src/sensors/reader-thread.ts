// Entry of the reader thread. It blocks in Atomics.wait, so orders come over a port it polls.
import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';

import { monotonicNs } from '../clock.ts';
import { loadNative } from './native.ts';
import { ReaderLoop } from './reader-loop.ts';
import { control, type LivePace, paces, type ReaderOrder } from './reader-protocol.ts';

const postEveryNs = 200_000_000;
/** After an edge somebody waits for the window's energy: readings are handed over sooner. */
const postSoonNs = 10_000_000;
const soonForNs = 60_000_000;
const enoughRows = 200;

const { shared, port, isNative } = workerData as {
  shared: SharedArrayBuffer;
  port: MessagePort;
  isNative: boolean;
};
if (isNative) await loadNative();
const words = new Int32Array(shared);
const loop = new ReaderLoop();

let seenWakes = -1;
let seenEdges = Atomics.load(words, control.edges);
let postedNs = monotonicNs();
let edgeNs = monotonicNs();
let locked = false;

while (Atomics.load(words, control.pace) !== paces.stop) {
  if (Atomics.load(words, control.wakes) !== seenWakes) wake();
  const now = monotonicNs();
  const nextNs = loop.step(now);
  const spinning = loop.spinning;
  const edgeDone = locked && !spinning;
  locked = spinning;
  const pauseNs = now - edgeNs < soonForNs ? postSoonNs : postEveryNs;
  if (edgeDone || loop.count >= enoughRows || now - postedNs > pauseNs) post(now);
  const waitNs = Math.min(nextNs, loop.count > 0 ? postedNs + pauseNs : Infinity) - now;
  if (waitNs > 0) {
    Atomics.wait(words, control.wakes, seenWakes, waitNs === Infinity ? Infinity : waitNs / 1e6);
  }
}
post(monotonicNs());
loop.close();
port.close();

function wake(): void {
  seenWakes = Atomics.load(words, control.wakes);
  const edges = Atomics.load(words, control.edges);
  if (edges !== seenEdges) {
    seenEdges = edges;
    loop.edge();
    edgeNs = monotonicNs();
  }
  loop.setPace(paceOf(Atomics.load(words, control.pace)));
  for (let order = next(); order; order = next()) {
    if (order.kind === 'add') loop.add(order.index, order.place);
    else loop.remove(order.index);
  }
}

function paceOf(word: number): LivePace {
  return word === paces.hot ? 'hot' : word === paces.steady ? 'steady' : 'cold';
}

function next(): ReaderOrder | undefined {
  const received: { message: ReaderOrder } | undefined = receiveMessageOnPort(port);
  return received?.message;
}

function post(nowNs: number): void {
  postedNs = nowNs;
  if (loop.count === 0) return;
  const batch = loop.take();
  port.postMessage(batch, [batch.rows.buffer as ArrayBuffer]);
}
