import type { CheckerClient } from '../checker/client.ts';
import type { Compiled, Diagnostic } from '../checker/protocol.ts';
import { bundleOf, type MimeBundle } from '../display/bundle.ts';
import { runIn, type Execution } from '../engine/context.ts';
import type { Evaluator } from '../engine/evaluator.ts';
import type { LocalModules } from '../engine/local-modules.ts';
import type { ModuleLoader } from '../engine/modules.ts';
import type { ScriptMaps } from '../engine/script-maps.ts';
import { reportError, type ErrorReport } from '../engine/stack.ts';
import { Interrupted, KernelError } from '../errors.ts';

/** What became of a cell. */
export interface Outcome {
  /** The ways to show its value, when it has one. */
  result?: MimeBundle;
  error?: ErrorReport;
  /** When it was checked and compiled, ISO 8601. */
  compiled: string;
}

/** The parts that a cell goes through. */
export interface CellStages {
  checker: CheckerClient;
  evaluator: Evaluator;
  modules: ModuleLoader;
  local: LocalModules;
  maps: ScriptMaps;
  /** Tells the user something about the cell. */
  warn(text: string): void;
}

/** A cell of more text, in UTF-16 units, is refused: it would keep the checker for minutes. */
export const longestCell = 8 * 1024 * 1024;

const red = (text: string): string => `\u001b[31m${text}\u001b[39m`;

/** Takes cells through checking, running and showing. */
export class CellRunner {
  readonly #stages: CellStages;
  #stop: ((reason: Error) => void) | undefined;

  constructor(stages: CellStages) {
    this.#stages = stages;
  }

  /**
   * Runs a cell; whatever goes wrong is in the outcome.
   * @param keep Whether its names are there for later cells.
   */
  async run(code: string, execution: Execution, keep = true): Promise<Outcome> {
    const times = { compiled: new Date().toISOString() };
    const stopped = new Promise<never>((_, reject) => {
      this.#stop = reject;
    });
    try {
      const steps = this.#steps(code, execution, keep, times);
      return { ...(await Promise.race([steps, stopped])), ...times };
    } catch (thrown) {
      return { error: reportError(thrown, this.#stages.maps), ...times };
    } finally {
      this.#stop = undefined;
    }
  }

  /** Ends the running cell, if one runs, wherever it is. */
  interrupt(): void {
    this.#stages.checker.interrupt();
    this.#stop?.(new Interrupted());
  }

  async #steps(
    code: string,
    execution: Execution,
    keep: boolean,
    times: { compiled: string }
  ): Promise<Omit<Outcome, 'compiled'>> {
    const script = await this.#check(code, execution, keep);
    times.compiled = new Date().toISOString();
    if ('error' in script) return { error: script.error };
    const value = await this.#stages.evaluator.run(script, code, execution);
    if (value === undefined || value[0] === undefined) return {};
    return { result: await runIn(execution, () => bundleOf(value[0])) };
  }

  async #check(
    code: string,
    execution: Execution,
    keep: boolean
  ): Promise<{ error: ErrorReport } | Compiled> {
    if (code.length > longestCell) {
      throw new KernelError(
        'cell/too-large',
        `the cell has ${code.length} characters, at most ${longestCell} are taken; load data from a file instead`
      );
    }
    const { checker, local, modules } = this.#stages;
    const { diagnostics, compiled, warnings } = await checker.ask('check', code, keep);
    for (const warning of warnings) runIn(execution, () => this.#stages.warn(`${warning}\n`));
    if (compiled === undefined) return { error: typeErrors(diagnostics, execution.count) };
    local.add(compiled.files);
    for (const [name, path] of Object.entries(compiled.paths)) modules.paths.set(name, path);
    return compiled;
  }
}

/** The checker's mistakes as Jupyter's messages carry an error. */
export function typeErrors(diagnostics: readonly Diagnostic[], count: number): ErrorReport {
  const lines = diagnostics.flatMap(({ code, message, file, line, column, frame }) => [
    `${file ?? `Cell ${count}`}:${line}:${column} - ${red('error')} TS${code}: ${message}`,
    ...frame.split('\n'),
    ''
  ]);
  const [first] = diagnostics;
  return {
    ename: 'TypeScriptError',
    evalue: first
      ? `${first.message} (TS${first.code}, line ${first.line})`
      : 'the cell is not valid',
    traceback: lines.slice(0, -1)
  };
}
