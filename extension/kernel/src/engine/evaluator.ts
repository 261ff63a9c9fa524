import { runInThisContext } from 'node:vm';
import { MessageChannel } from 'node:worker_threads';
import type { Compiled } from '../checker/protocol.ts';
import { runIn, type Execution } from './context.ts';
import type { ScriptMaps } from './script-maps.ts';

/** What a cell gave: `[value]` when it ended with an expression. */
export type CellValue = [unknown] | undefined;

/** Runs compiled cells in this process; their variables are those of V8's one script scope, and live on. */
export class Evaluator {
  readonly #maps: ScriptMaps;
  readonly #declared = new Set<string>();
  readonly #launcher = new MessageChannel();
  #launch: (() => void) | undefined;

  /**
   * Begins with an empty scope.
   * @param maps Learns of each script, for the errors that come out of it.
   */
  constructor(maps: ScriptMaps) {
    this.#maps = maps;
    // A cell starts from a message of its own: what V8 ends with it is nothing of the kernel's.
    this.#launcher.port1.on('message', () => this.#launch?.());
  }

  /**
   * Runs a cell. The promise never settles when V8 was made to end the cell.
   * @throws What the cell throws.
   */
  run(compiled: Compiled, code: string, execution: Execution): Promise<CellValue> {
    const name = this.#maps.addCell(compiled, code, execution.count);
    return new Promise<CellValue>(resolve => {
      this.#launch = () =>
        resolve(runIn(execution, async () => await this.#script(compiled, name)()));
      this.#launcher.port2.postMessage(undefined);
    });
  }

  #script(compiled: Compiled, filename: string): () => Promise<CellValue> {
    const fresh = compiled.names.filter(name => !this.#declared.has(name));
    if (fresh.length > 0) {
      runInThisContext(`let ${fresh.join(', ')};`);
      for (const name of fresh) this.#declared.add(name);
    }
    return runInThisContext(compiled.js, { filename }) as () => Promise<CellValue>;
  }
}
