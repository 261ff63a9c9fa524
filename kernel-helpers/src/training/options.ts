import type * as tf from '@tensorflow/tfjs';
import type { BatchOptions } from '../data/batches.ts';
import type { Estimator } from '../estimators/estimator.ts';
import type { Transform } from '../optim/transform.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { PredictionLoss } from './network.ts';
import type { Exchange } from './exchange.ts';
import type { EarlyStopping } from './patience.ts';
import type { Stopping } from './stopping.ts';

/** How far a training has come. */
export interface FitProgress {
  /** Steps taken. */
  readonly step: number;
  /** The epoch, from 0. */
  readonly epoch: number;
  /** Loss of the latest batch. */
  readonly loss: number;
  /** Seconds since the start. */
  readonly seconds: number;
  /** Joules so far, as the meter last said; null while unknown. */
  readonly joules: number | null;
}

/** How to train, and until when. */
export interface FitOptions extends Stopping, BatchOptions {
  /** Compares targets with predictions. */
  loss: PredictionLoss;
  /** Turns gradients into updates. @default adam() */
  optimizer?: Transform;
  /** How to get gradients. @default autodiff() */
  estimator?: Estimator;
  /** Passes through the data; a stream has one. @default 1, or as many as `steps` need */
  epochs?: number;
  /** Examples to compute the loss of after each epoch, in one batch. */
  validation?: { inputs: tf.Tensor; targets: tf.Tensor };
  /** Ends a run that no longer improves. */
  earlyStopping?: EarlyStopping;
  /** Keeps the run's state every so many steps. */
  checkpoint?: { every: number; save: (checkpoint: Checkpoint) => void | Promise<void> };
  /** The bytes of a checkpoint to go on from: with the same data and options the result is the same, bit for bit. */
  resume?: Uint8Array;
  /**
   * Workers to train together with, from `distributed.together`, or devices of this process, from `distributed.mirrored`: every one computes
   * its part of each batch and all apply the same mean gradient, so that the same options give the same numbers on any number of workers.
   * With TensorFlow and the default estimator the exchange is part of one recorded function, in which batch normalisation sees the whole
   * batch; with compression or local steps, on other backends and for a loss that cannot be recorded, each sees its own examples. Only the
   * first worker saves checkpoints.
   */
  workers?: Exchange;
  /** Called after each step. */
  onProgress?: (progress: FitProgress) => void;
  /** Name of the run in the meter's history. @default 'fit' */
  label?: string;
}
