import ts from './ts.ts';

/** A cell as the checker sees it: a source file that hangs below the previous cell, so that cells nest like blocks. */
export interface CellFile extends ts.SourceFile {
  isCell: true;
  locals: Map<string, ts.Symbol>;
  parseDiagnostics: ts.Diagnostic[];
  bindDiagnostics: ts.Diagnostic[];
  /** Names whose variable at run time is called otherwise. */
  renamed: Map<string, string>;
  path: string;
  resolvedPath: string;
  originalFileName: string;
  imports: ts.StringLiteralLike[];
  moduleAugmentations: ts.Node[];
  ambientModuleNames: string[];
}

/** The checker with what TypeScript 6.0.3 keeps internal. */
export interface Checker extends Omit<ts.TypeChecker, 'getDiagnostics'> {
  getDiagnostics(file: ts.SourceFile): ts.Diagnostic[];
  tryFindAmbientModule(name: string): ts.Symbol | undefined;
}

/** The program with what TypeScript 6.0.3 keeps internal. */
export interface Program extends Omit<ts.Program, 'getTypeChecker'> {
  getTypeChecker(): Checker;
  getResolvedModule(
    file: ts.SourceFile,
    name: string,
    mode: ts.ResolutionMode
  ): { resolvedModule?: ts.ResolvedModuleFull } | undefined;
}

/** One suggestion of the completion service. */
export interface CompletionEntry {
  name: string;
  kind: string;
  sortText: string;
  /** What it replaces, where that is not the word before the cursor. */
  replacementSpan?: ts.TextSpan;
}

/** What the completion service asks about options and files, for the names of modules. */
export type CompletionHost = Pick<
  ts.LanguageServiceHost,
  | 'getCompilationSettings'
  | 'getCurrentDirectory'
  | 'fileExists'
  | 'readFile'
  | 'readDirectory'
  | 'directoryExists'
  | 'getDirectories'
  | 'useCaseSensitiveFileNames'
>;

interface DisplayParts {
  displayParts: ts.SymbolDisplayPart[];
  documentation: ts.SymbolDisplayPart[];
  symbolKind: string;
  tags?: ts.JSDocTagInfo[];
}

interface Internals {
  bindSourceFile(file: ts.SourceFile, options: ts.CompilerOptions): void;
  getTouchingPropertyName(file: ts.SourceFile, position: number): ts.Node;
  isInComment(file: ts.SourceFile, position: number): ts.CommentRange | undefined;
  findPrecedingToken(position: number, file: ts.SourceFile): ts.Node | undefined;
  Completions: {
    getCompletionsAtPosition(
      host: CompletionHost,
      program: Program,
      log: (text: string) => void,
      file: ts.SourceFile,
      position: number,
      preferences: ts.UserPreferences,
      triggerCharacter: undefined,
      triggerKind: number,
      token: ts.CancellationToken
    ): { entries: CompletionEntry[] } | undefined;
  };
  SignatureHelp: {
    getSignatureHelpItems(
      program: Program,
      file: ts.SourceFile,
      position: number,
      reason: undefined,
      token: ts.CancellationToken
    ): ts.SignatureHelpItems | undefined;
  };
  SymbolDisplay: {
    getSymbolDisplayPartsDocumentationAndSymbolKind(
      checker: Checker,
      symbol: ts.Symbol,
      file: ts.SourceFile,
      enclosing: ts.Node,
      location: ts.Node
    ): DisplayParts;
  };
}

/** What this kernel uses of TypeScript beyond its public interface; the version is pinned for it. */
export const internals = ts as unknown as Internals;

/** A token for services that can be cancelled: never cancelled. */
export const neverCancelled: ts.CancellationToken = {
  /** Never. */
  isCancellationRequested: () => false,
  /** Never does. */
  throwIfCancellationRequested: () => undefined
};

/** Whether a source file is a cell. */
export function isCell(file: ts.SourceFile): file is CellFile {
  return (file as Partial<CellFile>).isCell === true;
}
