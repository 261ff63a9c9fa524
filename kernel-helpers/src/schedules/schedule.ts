/** A hyperparameter over time: a pure function of the step, which counts from 0. */
export type Schedule = (step: number) => number;
