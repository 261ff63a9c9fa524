import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { constants, runInThisContext } from 'node:vm';
import type { LocalModules } from './local-modules.ts';

type Import = (specifier: string, options?: ImportCallOptions) => Promise<Record<string, unknown>>;

const isPath = (specifier: string): boolean => /^\.{0,2}\//.test(specifier);

/** Loads what cells import: from the notebook's folder, then from the kernel's. */
export class ModuleLoader {
  readonly #folder: string;
  readonly #home: string;
  readonly #local: LocalModules;
  readonly #own: Readonly<Record<string, object>>;
  readonly #fromFolder: Import;
  readonly #fromHome: Import;
  readonly #require: NodeJS.Require;
  readonly #loaded: (module: object) => void;
  /** Where the `paths` of the user's tsconfig.json lead. */
  readonly paths = new Map<string, string>();

  /**
   * Prepares to look from two folders.
   * @param home The kernel's module folder.
   * @param own Modules that the kernel itself provides.
   * @param loaded Sees each module that a cell imports or requires.
   */
  constructor(
    folder: string,
    home: string,
    local: LocalModules,
    own: Readonly<Record<string, object>>,
    loaded: (module: object) => void
  ) {
    this.#folder = folder;
    this.#home = home;
    this.#local = local;
    this.#own = own;
    this.#fromFolder = importer(folder);
    this.#fromHome = importer(home);
    this.#loaded = loaded;
    this.#require = requireFrom([folder, home], own, loaded);
  }

  /** The `require` of cells. */
  get require(): NodeJS.Require {
    return this.#require;
  }

  /**
   * Imports a module for a cell. Local files that changed are loaded anew.
   * @throws What the module throws while it loads, or Node's error when it cannot be found.
   */
  async import(name: unknown, options?: ImportCallOptions): Promise<object> {
    const specifier = String(name);
    const own = this.#own[specifier];
    if (own) return own;
    const mapped = this.paths.get(specifier) ?? specifier;
    this.#local.refresh();
    if (mapped.endsWith('.json')) return this.#json(mapped);
    const path = isPath(mapped) ? pathToFileURL(resolve(this.#folder, mapped)).href : mapped;
    const module = withCommonNames(await this.#load(path, options));
    this.#loaded(module);
    return module;
  }

  /**
   * Tells what `import` would load, as `import.meta.resolve` does.
   * @returns A URL; of a path, also when no file lies there.
   * @throws Node's error when a package cannot be found.
   */
  resolve(name: string): string {
    const specifier = this.paths.get(name) ?? name;
    if (this.#own[specifier]) return specifier;
    if (isPath(specifier)) return pathToFileURL(resolve(this.#folder, specifier)).href;
    try {
      return resolveFrom(this.#folder, specifier);
    } catch (error) {
      if (!isMissing(error, specifier)) throw error;
      return resolveFrom(this.#home, specifier);
    }
  }

  async #load(specifier: string, options?: ImportCallOptions): Promise<Record<string, unknown>> {
    try {
      return await this.#fromFolder(specifier, options);
    } catch (error) {
      if (!isMissing(error, specifier)) throw error;
      return await this.#fromHome(specifier, options).catch((second: unknown) => {
        throw isMissing(second, specifier) ? error : second;
      });
    }
  }

  #json(specifier: string): object {
    const path = isPath(specifier)
      ? resolve(this.#folder, specifier)
      : this.#require.resolve(specifier);
    const value = JSON.parse(readFileSync(path, 'utf8')) as unknown;
    const members = typeof value === 'object' && !Array.isArray(value) ? value : {};
    return { default: value, ...members };
  }
}

/** Node resolves for another file than this one since the kernelspec asks for `--experimental-import-meta-resolve`. */
function resolveFrom(folder: string, specifier: string): string {
  return import.meta.resolve(specifier, pathToFileURL(join(folder, 'notebook.mjs')));
}

/** An `import()` that looks from a folder. */
function importer(folder: string): Import {
  return runInThisContext('(specifier, options) => import(specifier, options)', {
    filename: join(folder, 'notebook.mjs'),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
  }) as Import;
}

/** A `require` that knows the kernel's own modules, and looks from one folder after the other. */
function requireFrom(
  [folder, home]: readonly [string, string],
  own: Readonly<Record<string, object>>,
  loaded: (module: object) => void
): NodeJS.Require {
  const fromFolder = createRequire(join(folder, 'notebook.cjs'));
  const fromHome = createRequire(join(home, 'notebook.cjs'));
  const find = (name: string): unknown => {
    if (own[name]) return own[name];
    try {
      return fromFolder(name);
    } catch (error) {
      if (!isMissing(error, name)) throw error;
      return fromHome(name);
    }
  };
  const seen = (name: string): unknown => {
    const module = find(name);
    if (module !== null && isObject(module)) loaded(module);
    return module;
  };
  return Object.assign(seen, fromFolder);
}

function isMissing(error: unknown, specifier: string): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND') &&
    !isPath(specifier) &&
    error.message.includes(`'${packageName(specifier)}'`)
  );
}

const packageName = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Adds the members of a CommonJS module that Node did not see when it scanned the file. */
function withCommonNames(module: Record<string, unknown>): object {
  const exported = module['module.exports'] ?? module.default;
  if (exported === null || !isObject(exported) || !isCommonJs(module)) return module;
  const hidden = Object.keys(exported).filter(name => !(name in module));
  if (hidden.length === 0) return module;
  const merged = Object.create(null) as object;
  for (const source of [exported, module]) {
    const members = Object.getOwnPropertyDescriptors(source) as Record<string, PropertyDescriptor>;
    delete (members as Partial<typeof members>).prototype;
    for (const member of Object.values(members)) member.configurable = true;
    Object.defineProperties(merged, members);
  }
  return merged;
}

/** Node 22 and older do not mark the namespaces of CommonJS modules: their default is what a `require` gives. */
function isCommonJs(module: Record<string, unknown>): boolean {
  if ('module.exports' in module) return true;
  const { cache } = createRequire('/');
  return Object.values(cache).some(loaded => loaded?.exports === module.default);
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' || typeof value === 'function';
