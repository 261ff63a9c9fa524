import { existsSync, readFileSync, statSync } from 'node:fs';
import module from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { CompiledFile } from '../checker/protocol.ts';
import { KernelError } from '../errors.ts';
import { hasLoaderHooks, nodeLimits } from '../node-limits.ts';
import type { ScriptMaps } from './script-maps.ts';

interface LocalFile {
  changedAt: number;
  version: number;
  importers: Set<string>;
}

const endings = ['', '.ts', '.mts', '.js', '.mjs', '/index.ts', '/index.js'];

/** Loads the user's own files, TypeScript included, and loads them anew when they, or what they import, changed. */
export class LocalModules {
  readonly #files = new Map<string, LocalFile>();
  readonly #compiled = new Map<string, CompiledFile>();
  readonly #maps: ScriptMaps;

  /**
   * Begins without files; see `install`.
   * @param maps Learns of each compiled file, for the errors that come out of it.
   */
  constructor(maps: ScriptMaps) {
    this.#maps = maps;
  }

  /**
   * Takes the JavaScript of TypeScript files, as the checker compiled it.
   * @throws KernelError `module/unsupported` on a Node that cannot load them.
   */
  add(files: Readonly<Record<string, CompiledFile>>): void {
    for (const [path, file] of Object.entries(files)) {
      if (!hasLoaderHooks()) {
        throw new KernelError('module/unsupported', `${path}: ${nodeLimits().join(' ')}`);
      }
      this.#compiled.set(path, file);
    }
  }

  /** Hooks into Node's loader; on a Node without such hooks, local TypeScript cannot be imported. */
  install(): void {
    const { registerHooks } = module as Partial<typeof module>;
    registerHooks?.({
      resolve: (specifier, context, next) => {
        const file = this.#find(specifier, context.parentURL);
        if (file === undefined) return next(specifier, context);
        const version = this.#note(file, context.parentURL);
        const url = `${pathToFileURL(file).href}?v=${version}`;
        return isTypeScript(file)
          ? { url, format: 'module', shortCircuit: true }
          : next(url, context);
      },
      load: (url, context, next) => {
        const file = /\.m?ts\?v=\d+$/.test(url) ? fileURLToPath(url.split('?')[0] ?? url) : '';
        if (file === '') return next(url, context);
        return { format: 'module', shortCircuit: true, source: this.#source(file, url) };
      }
    });
  }

  /** Looks which files changed since they were loaded; they and their importers load anew at the next import. */
  refresh(): void {
    for (const [path, file] of this.#files) {
      const changedAt = changeTime(path);
      if (changedAt === file.changedAt) continue;
      file.changedAt = changedAt;
      this.#outdate(path, new Set());
    }
  }

  #outdate(path: string, seen: Set<string>): void {
    const file = this.#files.get(path);
    if (file === undefined || seen.has(path)) return;
    seen.add(path);
    file.version += 1;
    for (const importer of file.importers) this.#outdate(importer, seen);
  }

  #find(specifier: string, parent: string | undefined): string | undefined {
    const isUrl = specifier.startsWith('file:');
    if (!isUrl && !/^\.{1,2}\//.test(specifier)) return undefined;
    if (specifier.includes('?') || specifier.includes('/node_modules/')) return undefined;
    if (!isUrl && (!parent?.startsWith('file:') || parent.includes('/node_modules/'))) {
      return undefined;
    }
    const base = isUrl
      ? fileURLToPath(specifier)
      : resolve(dirname(fileURLToPath(parent?.split('?')[0] ?? '')), specifier);
    const found = candidates(base).find(isFile);
    return found && /\.m?[tj]s$/.test(found) ? found : undefined;
  }

  #note(path: string, parent: string | undefined): number {
    const file = this.#files.get(path) ?? {
      changedAt: changeTime(path),
      version: 1,
      importers: new Set<string>()
    };
    this.#files.set(path, file);
    if (parent?.startsWith('file:')) {
      file.importers.add(fileURLToPath(parent.split('?')[0] ?? parent));
    }
    return file.version;
  }

  #source(file: string, url: string): string {
    const compiled = this.#compiled.get(file);
    if (compiled !== undefined) {
      this.#maps.add(url, { ...compiled, label: file });
      return compiled.js;
    }
    return module.stripTypeScriptTypes(readFileSync(file, 'utf8'), { mode: 'transform' });
  }
}

const isTypeScript = (file: string): boolean => /\.m?ts$/.test(file);

/** The files a path may mean; `./x.js` may be written for a file `x.ts`. */
function candidates(base: string): string[] {
  return [...endings.map(ending => base + ending), base.replace(/\.(m?)js$/, '.$1ts')];
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function changeTime(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
