/**
 * The energy of any block of code inside a cell, from the meter.
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { askMeter } from './daemon.ts';
import { missingEnergy, type DomainEnergy, type Energy } from './energy.ts';
import { checkFunction, HelperError } from './errors.ts';

/** What a measured block gave and cost. */
export interface Measured<T> {
  /** What the block returned. */
  readonly value: T;
  /** Energy attributed to the block in joules, with its interval; `kind` is `missing` when no meter could be asked. */
  readonly energy: Energy;
  /** The same energy by domain; empty when it is missing. */
  readonly domains: readonly DomainEnergy[];
  /** How long the block took, in seconds. */
  readonly seconds: number;
}

/** A block that is being measured. */
export interface MeasuredBlock {
  /** Set when this block's energy cannot be known, and why. */
  readonly missing?: string;
  /** Joules attributed to the block so far; null while nothing is known. */
  readonly joulesSoFar: () => Promise<number | null>;
}

interface Opened {
  id?: string;
  reason?: string;
}

interface Ended extends Energy {
  seconds?: number;
  domains?: DomainEnergy[];
}

const enclosing = new AsyncLocalStorage<string | undefined>();

/**
 * Measures the energy of a block of code through joulebook's meter.
 * Blocks nest. Without a meter the block runs all the same and its energy is `missing`, with the reason.
 * The block belongs to the cell that runs it, and gets the cell's share of each domain within the block's own window.
 * @param label Name of the block in the history, 1 to 200 characters.
 * @param fn The block; a promise is awaited. An error it throws ends the block, then passes on.
 * @returns The block's value, its energy in joules and its duration in seconds.
 * @throws HelperError `input/value` for an empty or overlong label.
 * @example const { value, energy } = await measure('train', () => train(model));
 */
export async function measure<T>(
  label: string,
  fn: (block: MeasuredBlock) => T | Promise<T>
): Promise<Measured<T>> {
  if (typeof label !== 'string' || label.length < 1 || label.length > 200) {
    const got = JSON.stringify(label)?.slice(0, 80);
    throw new HelperError('input/value', `expected a label of 1 to 200 characters, got ${got}`);
  }
  checkFunction('the block', fn, "pass measure('label', () => work())");
  const { id, reason } = await open(label);
  const block: MeasuredBlock = { missing: reason, joulesSoFar: () => joulesSoFar(id) };
  const start = performance.now();
  let value: T;
  try {
    value = await enclosing.run(id, async () => fn(block));
  } catch (error) {
    await end(id, reason);
    throw error;
  }
  const elapsed = (performance.now() - start) / 1000;
  const { domains = [], seconds = elapsed, ...rest } = await end(id, reason);
  return { value, energy: energyOf(rest), domains, seconds };
}

async function open(label: string): Promise<Opened> {
  try {
    const body = { pid: process.pid, label, parent_id: enclosing.getStore() };
    const { id } = (await askMeter('POST', '/v1/measures', body)) as { id: string };
    return { id };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

async function end(id: string | undefined, reason = 'no meter'): Promise<Ended> {
  if (id === undefined) return missingEnergy(reason);
  try {
    const path = `/v1/measures/${encodeURIComponent(id)}/end`;
    return (await askMeter('POST', path, {}, 15_000)) as Ended;
  } catch (error) {
    return missingEnergy(reasonOf(error));
  }
}

async function joulesSoFar(id: string | undefined): Promise<number | null> {
  if (id === undefined) return null;
  try {
    const sofar = (await askMeter('GET', `/v1/measures/${encodeURIComponent(id)}`)) as Energy;
    return sofar.joules;
  } catch {
    return null;
  }
}

function energyOf({ joules, low, high, kind, reason, below }: Energy): Energy {
  return { joules, low, high, kind, ...(reason && { reason }), ...(below && { below }) };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
