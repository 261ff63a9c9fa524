import ts from './ts.ts';

const base: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  lib: ['lib.esnext.d.ts'],
  strict: true,
  esModuleInterop: true,
  resolveJsonModule: true
};

/** What cells depend on, whatever a tsconfig.json says. */
const fixed: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  types: [],
  skipLibCheck: true,
  noEmit: true,
  allowJs: true,
  checkJs: false,
  allowImportingTsExtensions: true,
  isolatedModules: false,
  verbatimModuleSyntax: false,
  composite: false,
  incremental: false,
  noUnusedLocals: false,
  noUnusedParameters: false
};

/** Options and where they came from. */
export interface OptionsFound {
  options: ts.CompilerOptions;
  /** What was wrong with the tsconfig.json, for the user. */
  warnings: string[];
}

/** The options of a folder without a tsconfig.json. */
export const defaultOptions: ts.CompilerOptions = { ...base, ...fixed };

/**
 * The compiler options for cells in a folder: those of its tsconfig.json, where it has one.
 * A file with mistakes is used as far as it can be read.
 */
export function optionsFor(folder: string): OptionsFound {
  const path = `${folder}/tsconfig.json`;
  if (!ts.sys.fileExists(path)) return { options: defaultOptions, warnings: [] };
  const read: { config?: unknown; error?: ts.Diagnostic } = ts.readConfigFile(path, file =>
    ts.sys.readFile(file)
  );
  const { config, error } = read;
  const parsed = ts.parseJsonConfigFileContent(config ?? {}, ts.sys, folder, undefined, path);
  // no input files is no mistake here
  const errors = [...(error ? [error] : []), ...parsed.errors.filter(({ code }) => code !== 18003)];
  return {
    options: { ...base, ...withoutUndefined(parsed.options), ...fixed },
    warnings: errors.map(
      ({ messageText }) => `${path}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
    )
  };
}

function withoutUndefined(options: ts.CompilerOptions): ts.CompilerOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
