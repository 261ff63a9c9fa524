/**
 * Training loops that take any network, optimiser and stopping rule, and tell the joules; losses and checkpoints.
 * @module
 */
export { readCheckpoint, takeCheckpoint, type Checkpoint } from './checkpoint.ts';
export type { Epoch } from './epochs.ts';
export { fit, type Fit } from './fit.ts';
export { accuracy, crossEntropy, meanSquaredError } from './losses.ts';
export { layersNetwork, writeLayers, type Network, type PredictionLoss } from './network.ts';
export type { FitOptions, FitProgress } from './options.ts';
export type { EarlyStopping } from './patience.ts';
export { predict } from './predict.ts';
export type { BatchStream, TrainingData } from './sources.ts';
export { releasePosition, takeStep, type Position } from './step.ts';
export type { Stopping, StopReason } from './stopping.ts';
