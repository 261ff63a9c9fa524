import ts from './ts.ts';
import { isCell, type Checker, type Program } from './internals.ts';
import { defaultOptions } from './options.ts';
import type { CheckerPlaces, CompiledFile } from './protocol.ts';
import { globalsFile, Resolver, rootFile, virtualText } from './resolve.ts';
import { transpile } from './transpile.ts';

/** A local file of the user's, which may change between cells. */
interface LocalFile extends ts.SourceFile {
  imports?: readonly ts.StringLiteralLike[];
  changedAt?: number;
  checked?: boolean;
  compiled?: boolean;
}

/**
 * The one program behind all cells. Its only root file imports what the cells import; a module that is new, or a local file
 * that changed, rebuilds the program and its checker, on the files already parsed.
 */
export class CellProgram {
  options: ts.CompilerOptions = defaultOptions;
  readonly #host: ts.CompilerHost;
  readonly #resolver: Resolver;
  readonly #files = new Map<string, ts.SourceFile>();
  readonly #modules = new Set<string>();
  readonly #augmentations: string[] = [];
  #root: ts.SourceFile | undefined;
  #program: Program | undefined;
  #stale = true;

  /**
   * Prepares an empty program.
   * @param libFolder Where TypeScript's lib.*.d.ts stand.
   */
  constructor(libFolder: string) {
    this.#host = ts.createCompilerHost(defaultOptions);
    this.#resolver = new Resolver(this.#host);
    this.#adapt(libFolder);
  }

  /** The program; built when something changed since the last call. */
  get program(): Program {
    if (this.#stale || this.#program === undefined) this.#build();
    return this.#program as Program;
  }

  /** Resolves and checks types; another one after a rebuild. */
  get checker(): Checker {
    return this.program.getTypeChecker();
  }

  /** The file below which the first cell hangs. */
  get root(): ts.SourceFile {
    void this.program;
    return this.#root as ts.SourceFile;
  }

  /** The notebook's folder. */
  get folder(): string {
    return this.#resolver.places.folder;
  }

  /** Moves the program to a notebook's folder, keeping what was parsed. */
  configure(places: CheckerPlaces, options: ts.CompilerOptions): void {
    const before = [...this.#modules].map(name => this.resolvedFile(name));
    this.#resolver.places = places;
    this.#stale ||= options !== this.options;
    this.options = options;
    const after = [...this.#modules].map(name => this.resolvedFile(name));
    this.#stale ||= before.some((file, index) => file !== after[index]);
  }

  /** Makes a module known, so that cells can import it; one that cannot be found is left out. */
  addModule(name: string): void {
    if (this.#modules.has(name) || this.checker.tryFindAmbientModule(name)) return;
    if (this.resolvedFile(name) === undefined) {
      this.#resolver.forget(); // it may have been installed since
      if (this.resolvedFile(name) === undefined) return;
    }
    this.#modules.add(name);
    this.#stale = true;
  }

  /** Adds a `declare global` or `declare module` block for all cells. */
  addAugmentation(text: string): void {
    if (this.#augmentations.includes(text)) return;
    this.#augmentations.push(text);
    this.#stale = true;
  }

  /** Reads again the local files that changed. */
  refresh(): void {
    const files = this.localFiles();
    const changed = files.filter(file => file.changedAt !== changeTime(file.fileName));
    if (changed.length === 0) return;
    this.#stale = true;
    for (const file of changed) this.#files.delete(file.fileName);
    for (const file of files) file.checked = false; // those that import them may be wrong now
  }

  /** The user's own source files, as the program has them now. */
  localFiles(): LocalFile[] {
    return (this.program.getSourceFiles() as LocalFile[]).filter(
      ({ fileName }) =>
        fileName !== rootFile &&
        !fileName.includes('/node_modules/') &&
        !/\.d\.[cm]?ts$/.test(fileName)
    );
  }

  /**
   * The mistakes in local files, where they changed since they were last found right.
   * @param modules What a cell imports; files that this does not lead to are left for later.
   */
  localMistakes(modules: readonly string[]): ts.Diagnostic[] {
    for (const file of this.#localFilesBehind(modules)) {
      if (file.checked === true || /\.(json|[cm]?js)$/.test(file.fileName)) continue;
      const program = this.program as unknown as ts.Program;
      const mistakes = [
        ...program.getSyntacticDiagnostics(file),
        ...program.getSemanticDiagnostics(file)
      ];
      if (mistakes.length > 0) return mistakes;
      file.checked = true;
    }
    return [];
  }

  /** Compiles the local TypeScript files that were not compiled since they changed. */
  compileLocals(): Record<string, CompiledFile> {
    const compiled: Record<string, CompiledFile> = {};
    for (const file of this.localFiles()) {
      if (file.compiled === true || !/\.m?ts$/.test(file.fileName)) continue;
      file.compiled = true;
      const { text } = file;
      const made = transpile({ text, segments: [0, 0, text.length] }, this.options, false);
      compiled[file.fileName] = { js: made.text, source: text, segments: made.segments };
    }
    return compiled;
  }

  /** The file that a module name means in a cell. */
  resolvedFile(name: string): string | undefined {
    return this.#importOf(rootFile, name);
  }

  /** The local files that modules lead to, each after those it imports: a mistake's cause comes first. */
  #localFilesBehind(modules: readonly string[]): LocalFile[] {
    const local = new Map(this.localFiles().map(file => [file.fileName, file]));
    const found: LocalFile[] = [];
    const visit = (path: string | undefined): void => {
      const file = local.get(path ?? '');
      if (file === undefined) return;
      local.delete(file.fileName);
      for (const { text } of file.imports ?? []) visit(this.#importOf(file.fileName, text));
      found.push(file);
    };
    for (const name of modules) visit(this.resolvedFile(name));
    return found;
  }

  #importOf(file: string, name: string): string | undefined {
    const mode = ts.ModuleKind.ESNext;
    return this.#resolver.resolve(name, file, this.options, mode).resolvedModule?.resolvedFileName;
  }

  #adapt(libFolder: string): void {
    const host = this.#host;
    const own = { ...host };
    host.getDefaultLibLocation = () => libFolder;
    host.getDefaultLibFileName = options => `${libFolder}/${ts.getDefaultLibFileName(options)}`;
    host.getCurrentDirectory = () => this.#resolver.places.folder;
    host.fileExists = file =>
      file === rootFile || virtualText(file) !== undefined || own.fileExists(file);
    host.readFile = file => virtualText(file) ?? own.readFile(file);
    host.getSourceFile = (file, version, onError) => {
      if (file === rootFile) return this.#root;
      let source = this.#files.get(file);
      if (source !== undefined) return source;
      const text = virtualText(file);
      source =
        text === undefined
          ? own.getSourceFile(file, version, onError)
          : ts.createSourceFile(file, text, version, true);
      if (source) this.#files.set(file, source);
      return source;
    };
    host.resolveModuleNameLiterals = (literals, containing, _redirected, options, source) =>
      literals.map(literal =>
        this.#resolver.resolve(
          literal.text,
          containing,
          options,
          ts.getModeForUsageLocation(source, literal, options)
        )
      );
    host.resolveTypeReferenceDirectiveReferences = (references, containing, _redirected, options) =>
      references.map(reference =>
        this.#resolver.resolveTypes(
          typeof reference === 'string' ? reference : reference.fileName,
          containing,
          options
        )
      );
  }

  #build(): void {
    this.#stale = false;
    const text = [
      '/// <reference types="node" />',
      ...[...this.#modules].map(name => `import ${JSON.stringify(name)};`),
      ...this.#augmentations,
      'export {};'
    ].join('\n');
    this.#root = ts.createSourceFile(rootFile, text, ts.ScriptTarget.ESNext, true);
    this.#program = this.#letCellsImport(
      ts.createProgram(
        [rootFile, globalsFile],
        this.options,
        this.#host,
        this.#program as unknown as ts.Program | undefined
      ) as unknown as Program
    );
    for (const file of this.localFiles()) file.changedAt ??= changeTime(file.fileName);
  }

  /** Cells are not files of the program: their imports resolve as the root file's do. */
  #letCellsImport(program: Program): Program {
    const resolved = program.getResolvedModule.bind(program);
    const root = this.#root as ts.SourceFile;
    program.getResolvedModule = (file, name, mode) =>
      isCell(file)
        ? (resolved(root, name, ts.ModuleKind.ESNext) ?? resolved(root, name, undefined))
        : resolved(file, name, mode);
    return program;
  }
}

function changeTime(file: string): number {
  return Number(ts.sys.getModifiedTime?.(file) ?? 0);
}
