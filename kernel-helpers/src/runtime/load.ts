import { findLibrary, type LibraryFiles } from './find-library.ts';
import type { Library } from './library.ts';

let loaded: { library: Library; files: LibraryFiles } | undefined;

/**
 * Loads TensorFlow into this process, once: it cannot be unloaded. Until then the process does without koffi as well.
 * @param folder Where it is, as `findLibrary` takes it; only the first call's counts.
 * @returns The libraries, and where they were found.
 * @throws TensorFlowError `tensorflow/missing` or `tensorflow/symbols`.
 */
export async function loadLibrary(
  folder?: string
): Promise<{ library: Library; files: LibraryFiles }> {
  if (loaded) return loaded;
  const files = findLibrary(folder);
  const { Library } = await import('./library.ts');
  loaded = { library: new Library(files), files };
  return loaded;
}
