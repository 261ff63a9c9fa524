/**
 * Workers that train together, on TensorFlow's own collective operations.
 * @module
 */
export { readCluster, type Cluster } from './cluster.ts';
export type { Numbers, Reduction } from './collectives.ts';
export { Group, type Traffic } from './group.ts';
export { multiWorker, type MultiWorkerOptions, type Workers } from './multi-worker.ts';
export { together, type TogetherOptions } from './together.ts';
export type { DeviceCount } from './in-graph/local-devices.ts';
export { mirrored, type Mirrored } from './mirrored.ts';
export { launch, type LaunchOptions, type WorkerCode } from './launch.ts';
export { fitLink, ringSeconds, treeSeconds, type Link, type TimedAllReduce } from './ring-model.ts';
export * as compression from './compression/index.ts';
