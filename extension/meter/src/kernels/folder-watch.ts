import { type FSWatcher, mkdirSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';

/**
 * Tells of JSON files that appear or change in a folder, at once where the system notifies, and
 * of all that are there whenever `list` is called. The folder may go and come again.
 */
export class FolderWatch {
  readonly folder: string;
  readonly #changed: (path: string) => void;
  #watcher: FSWatcher | undefined;

  /** Watches a folder; one of the user's own (`create`) is made, with mode 0700, if missing. */
  constructor(folder: string, create: boolean, changed: (path: string) => void) {
    this.folder = folder;
    this.#changed = changed;
    if (create) mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#watch();
  }

  /** The JSON files in the folder. */
  list(): string[] {
    if (!this.#watcher) this.#watch();
    try {
      return readdirSync(this.folder)
        .filter(isJson)
        .map(name => join(this.folder, name));
    } catch {
      return [];
    }
  }

  /** Stops watching. */
  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #watch(): void {
    try {
      this.#watcher = watch(this.folder, { persistent: false }, (_, name) => {
        if (name && isJson(name)) this.#changed(join(this.folder, name));
      });
    } catch {
      // Too many watches or no such folder: `list` is called again and again, and tries again.
      return;
    }
    this.#watcher.on('error', () => this.close());
  }
}

function isJson(name: string): boolean {
  return name.endsWith('.json');
}
