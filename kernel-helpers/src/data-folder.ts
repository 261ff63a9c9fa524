import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { HelperError } from './errors.ts';
import type { Amount } from './impact/amount.ts';
import { storageEnergy } from './impact/transfer.ts';

/** A folder of data and what keeping it takes. */
export interface DataFolder {
  /** Bytes of all files below it; a file with several names counts once, links are not followed. */
  readonly bytes: number;
  /** How many files. */
  readonly files: number;
  /** Energy attributed to keeping it on solid-state drives for a year: never to be added to measured energy. */
  readonly yearlyEnergy: Amount<'kWh', 'attributed'>;
}

/**
 * Weighs a folder: what a notebook's data take when they are kept for a year.
 * @param path The folder.
 * @returns Its size and the energy attributed to a year of keeping it.
 * @throws HelperError `data/missing` when there is no such folder.
 */
export function dataFolder(path: string): DataFolder {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new HelperError('data/missing', `expected a folder, found none at ${path}`);
  }
  const seen = new Set<string>();
  let bytes = 0;
  const folders = [path];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const inside = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(inside);
      if (!entry.isFile()) continue;
      const { dev, ino, size } = lstatSync(inside);
      const identity = `${dev}/${ino}`;
      if (!seen.has(identity)) bytes += size;
      seen.add(identity);
    }
  }
  return { bytes, files: seen.size, yearlyEnergy: storageEnergy(bytes) };
}
