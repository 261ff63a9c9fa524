import ts from './ts.ts';
import { globalTypes, tslabTypes } from './ambient.ts';
import type { CheckerPlaces } from './protocol.ts';

/** The folder of files that are only in memory. */
const virtualFolder = '/joulebook-cells';
/** The file that imports what cells import. */
export const rootFile = `${virtualFolder}/root.ts`;
const tslabFile = `${virtualFolder}/tslab.d.ts`;
/** The file that declares the kernel's own globals. */
export const globalsFile = `${virtualFolder}/globals.d.ts`;

/** The text of a file that is only in memory. */
export function virtualText(file: string): string | undefined {
  return file === tslabFile ? tslabTypes : file === globalsFile ? globalTypes : undefined;
}

/** Whether a module name is a package's rather than a path. */
export function isBare(name: string): boolean {
  return !name.startsWith('.') && !name.startsWith('/');
}

/** A message whose paths, which the compiler tells from the cells' own place, are those of the notebook's folder. */
export function seenFrom(folder: string, message: string): string {
  return message.replaceAll(`"..${folder}/`, '"./');
}

/** Finds the files of modules: from the notebook's folder, then from the kernel's. */
export class Resolver {
  #places: CheckerPlaces = { folder: virtualFolder, home: virtualFolder };
  #cache: ts.ModuleResolutionCache | undefined;
  readonly #host: ts.ModuleResolutionHost;

  constructor(host: ts.ModuleResolutionHost) {
    this.#host = host;
  }

  /** Where the notebook and the kernel are. */
  get places(): CheckerPlaces {
    return this.#places;
  }

  /** Where the notebook and the kernel are. */
  set places(places: CheckerPlaces) {
    this.#places = places;
    this.#cache = undefined;
  }

  /** Forgets what was found, as files may have come or gone. */
  forget(): void {
    this.#cache = undefined;
  }

  /**
   * The file behind a `reference types`; cells get the kernel's, which fit its Node.
   * @param containing The file that refers to them.
   */
  resolveTypes(
    name: string,
    containing: string,
    options: ts.CompilerOptions
  ): ts.ResolvedTypeReferenceDirectiveWithFailedLookupLocations {
    const lookUp = (from: string): ts.ResolvedTypeReferenceDirectiveWithFailedLookupLocations =>
      ts.resolveTypeReferenceDirective(name, from, options, this.#host);
    const inCell = containing.startsWith(virtualFolder);
    const found = lookUp(inCell ? this.#from('home') : containing);
    return found.resolvedTypeReferenceDirective
      ? found
      : lookUp(this.#from(inCell ? 'folder' : 'home'));
  }

  /**
   * The file of a module.
   * @param containing The file that imports it.
   */
  resolve(
    name: string,
    containing: string,
    options: ts.CompilerOptions,
    mode: ts.ResolutionMode
  ): ts.ResolvedModuleWithFailedLookupLocations {
    const inCell = containing.startsWith(virtualFolder);
    if (inCell && name === 'tslab') return virtualModule;
    const found = this.#lookUp(name, inCell ? this.#from('folder') : containing, options, mode);
    if (found.resolvedModule || !isBare(name)) return found;
    return inCell || !containing.includes('/node_modules/')
      ? this.#lookUp(name, this.#from('home'), options, mode)
      : found;
  }

  #lookUp(
    name: string,
    containing: string,
    options: ts.CompilerOptions,
    mode: ts.ResolutionMode
  ): ts.ResolvedModuleWithFailedLookupLocations {
    this.#cache ??= ts.createModuleResolutionCache(this.#places.folder, file => file, options);
    return ts.resolveModuleName(
      name,
      containing,
      options,
      this.#host,
      this.#cache,
      undefined,
      mode
    );
  }

  #from(place: keyof CheckerPlaces): string {
    return `${this.#places[place]}/__cell__.ts`;
  }
}

const virtualModule = {
  resolvedModule: {
    resolvedFileName: tslabFile,
    extension: ts.Extension.Dts,
    isExternalLibraryImport: true
  }
} as ts.ResolvedModuleWithFailedLookupLocations;
