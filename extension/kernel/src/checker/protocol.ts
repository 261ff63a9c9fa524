/** A mistake that the checker found. */
export interface Diagnostic {
  /** TypeScript's number of the message. */
  code: number;
  message: string;
  /** The local file the mistake stands in; absent when it is the cell itself. */
  file?: string;
  /** 1-based. */
  line: number;
  /** 1-based. */
  column: number;
  /** The lines around, with the mistake underlined. */
  frame: string;
}

/** A local file turned to JavaScript. */
export interface CompiledFile {
  js: string;
  source: string;
  /** As in `Compiled`. */
  segments: number[];
}

/** A cell turned to JavaScript. */
export interface Compiled {
  /** An async function expression; its promise yields `[value]` where the cell ends with an expression. */
  js: string;
  /** The variables that the script assigns and that must exist at the top level. */
  names: string[];
  /** Triples: offset in `js`, offset in the cell, length. */
  segments: number[];
  /** Specifiers that the user's `paths` map to a local file. */
  paths: Record<string, string>;
  /** The local TypeScript files that are new or changed, by path. */
  files: Record<string, CompiledFile>;
}

/** The answer to `check`. */
export interface CheckAnswer {
  /** Mistakes; with any, there is nothing to run. */
  diagnostics: Diagnostic[];
  compiled?: Compiled;
  /** Things to tell the user that stop nothing, such as a broken tsconfig.json. */
  warnings: string[];
}

/** One completion. */
export interface Completion {
  text: string;
  /** Such as `function`, `const`, `property`. */
  type: string;
  /** The type of functions and values, for the first ones. */
  signature: string;
}

/** The answer to `complete`; offsets are UTF-16 units of the code. */
export interface CompleteAnswer {
  start: number;
  end: number;
  matches: Completion[];
}

/** The answer to `inspect`: absent when there is nothing at the cursor. */
export interface InspectAnswer {
  signature: string;
  documentation: string;
}

/** The answer to `isComplete`. */
export interface CompletenessAnswer {
  status: 'complete' | 'incomplete' | 'invalid';
  /** What the next line should begin with, when incomplete. */
  indent: string;
}

/** Where the checker finds things. */
export interface CheckerPlaces {
  /** The notebook's folder: imports are looked up from here first. */
  folder: string;
  /** The kernel's module folder: `kernel-helpers` and TensorFlow.js are found from here. */
  home: string;
}

/** What the kernel asks its checker, by operation. */
export interface CheckerOperations {
  configure(places: CheckerPlaces): void;
  /**
   * Checks and compiles a cell.
   * @param keep Whether its names are there for later cells.
   */
  check(code: string, keep: boolean): CheckAnswer;
  complete(code: string, at: number): CompleteAnswer;
  inspect(code: string, at: number): InspectAnswer | undefined;
  isComplete(code: string): CompletenessAnswer;
}

/** A question as it travels to the child, a JSON object a line. */
export interface Question {
  id: number;
  op: keyof CheckerOperations;
  args: unknown[];
}

/** An answer as it travels back. */
export interface Answer {
  id: number;
  result?: unknown;
  error?: string;
}
