import type ts from './ts.ts';
import { bindCell, parseCell, wantsOf } from './cell.ts';
import { isComplete } from './completeness.ts';
import { complete } from './completion.ts';
import { dependenciesOf } from './dependencies.ts';
import { describe, isMistake } from './diagnostics.ts';
import { inspect } from './inspection.ts';
import type { CellFile } from './internals.ts';
import { magicHint } from './magics.ts';
import { optionsFor } from './options.ts';
import { CellProgram } from './program.ts';
import type {
  CheckAnswer,
  CheckerOperations,
  CheckerPlaces,
  CompleteAnswer,
  CompletenessAnswer,
  Compiled,
  Diagnostic,
  InspectAnswer
} from './protocol.ts';
import { isBare, seenFrom } from './resolve.ts';
import { Bindings } from './rename.ts';
import { rewriteCell } from './rewrite.ts';
import { importHint } from './suggestions.ts';
import { withoutUsing } from './transpile.ts';

/** Checks cells one after the other, with one checker that lives as long as the kernel. */
export class CheckerService implements CheckerOperations {
  readonly #program: CellProgram;
  readonly #bindings = new Bindings();
  #previous: ts.SourceFile | undefined;
  #count = 0;
  #warnings: string[] = [];

  /**
   * Begins without cells.
   * @param libFolder Where TypeScript's lib.*.d.ts stand.
   */
  constructor(libFolder: string) {
    this.#program = new CellProgram(libFolder);
  }

  /** Moves to a notebook's folder; its tsconfig.json gives the options. */
  configure(places: CheckerPlaces): void {
    const { options, warnings } = optionsFor(places.folder);
    this.#warnings = warnings;
    this.#program.configure(places, options);
  }

  /** Makes modules known before a cell asks for them; those that cannot be found are left out. */
  preload(modules: readonly string[]): void {
    for (const name of modules) this.#program.addModule(name);
    void this.#program.checker;
  }

  /** The packages that the notebook's folder depends on and whose types are installed. */
  dependencies(): string[] {
    const program = this.#program;
    return dependenciesOf(program.folder).filter(name =>
      /\.d\.[cm]?ts$/.test(program.resolvedFile(name) ?? '')
    );
  }

  /** Checks and compiles a cell. */
  check(code: string, keep: boolean): CheckAnswer {
    const file = this.#open(code);
    const diagnostics = this.#mistakes(file);
    const warnings = this.#warnings.splice(0);
    if (diagnostics.length > 0) return { diagnostics, warnings };
    const compiled = this.#compile(file);
    if (keep) {
      this.#bindings.keep();
      this.#previous = file;
    }
    return { diagnostics, compiled, warnings };
  }

  /** Completes the name before a place. */
  complete(code: string, at: number): CompleteAnswer {
    const file = this.#open(code);
    return complete(this.#program, file, at);
  }

  /** Tells what is known of the name at a place. */
  inspect(code: string, at: number): InspectAnswer | undefined {
    const found = inspect(this.#program.program, this.#open(code), at);
    return found && { ...found, signature: seenFrom(this.#program.folder, found.signature) };
  }

  /** Tells whether a cell is ready to run. */
  isComplete(code: string): CompletenessAnswer {
    return isComplete(code);
  }

  #open(code: string): CellFile {
    const file = parseCell(code, (this.#count += 1));
    const { modules, augmentations } = wantsOf(file);
    for (const name of modules) this.#program.addModule(name);
    for (const text of augmentations) this.#program.addAugmentation(text);
    this.#program.refresh();
    bindCell(file, this.#previous ?? this.#program.root, this.#program.options);
    return file;
  }

  #mistakes(file: CellFile): Diagnostic[] {
    if (file.parseDiagnostics.length > 0) {
      return file.parseDiagnostics.map(found => describe(found, magicHint(found)));
    }
    const { checker, folder } = this.#program;
    const own = [...file.bindDiagnostics, ...checker.getDiagnostics(file)].filter(isMistake);
    const found =
      own.length > 0
        ? own.map(mistake => describe(mistake, this.#hint(mistake)))
        : this.#program
            .localMistakes(file.imports.map(({ text }) => text))
            .filter(isMistake)
            .map(mistake => describe(mistake));
    return found.map(one => ({ ...one, message: seenFrom(folder, one.message) }));
  }

  #hint(mistake: ts.Diagnostic): string | undefined {
    return importHint(mistake, this.#program) ?? magicHint(mistake);
  }

  #compile(file: CellFile): Compiled {
    const { checker, options } = this.#program;
    const chosen = this.#bindings.declare(file, checker);
    const script = rewriteCell(file, checker, options, chosen, this.#bindings.any);
    const { text, segments } = withoutUsing(script, options);
    const files = this.#program.compileLocals();
    return { js: text, names: script.names, segments, paths: this.#mappedPaths(file), files };
  }

  /** Where `paths` of a tsconfig.json leads, as the module loader knows nothing of it. */
  #mappedPaths(file: CellFile): Record<string, string> {
    if (this.#program.options.paths === undefined) return {};
    const found = file.imports
      .filter(({ text }) => isBare(text))
      .map(({ text }) => [text, this.#program.resolvedFile(text)] as const)
      .filter(([, path]) => path !== undefined && !path.includes('/node_modules/'))
      .filter(([, path]) => !/\.d\.[cm]?ts$/.test(path ?? ''));
    return Object.fromEntries(found) as Record<string, string>;
  }
}
