import { Execution, runIn } from '../engine/context.ts';
import type { Bridge } from '../wire/bridge.ts';
import { log } from '../wire/log.ts';
import { makeBroadcast, makeReply, type Json, type Message } from '../wire/message.ts';
import type { CellRunner, Outcome } from './cell-runner.ts';
import type { History } from './history.ts';
import { pagerPayload } from './pager.ts';
import { answerShell, malformedReply, type ShellParts } from './shell.ts';

/** What the kernel is made of. */
export interface KernelParts extends Omit<ShellParts, 'history'> {
  bridge: Bridge;
  cells: CellRunner;
  /** Opens the history; called once, when it is first needed. */
  openHistory: () => History | undefined;
  /** Sends what cells printed so far. */
  flush: () => void;
  /** Called each time nothing is left to do. */
  idle: () => void;
}

const nextTurn = globalThis.setImmediate;

/** Serves requests one after the other; busy and idle stand exactly around each. */
export class Kernel {
  readonly #parts: KernelParts;
  readonly #queue: Message[] = [];
  readonly #aborted = new WeakSet<Message>();
  #running: Execution | undefined;
  #count = 0;
  #serving = false;
  #history: History | undefined | null = null;

  constructor(parts: KernelParts) {
    this.#parts = parts;
  }

  /** The cell that runs now. */
  get running(): Execution | undefined {
    return this.#running;
  }

  /** Takes a request of the shell channel. */
  receive(message: Message): void {
    this.#queue.push(message);
    if (!this.#serving) void this.#serve();
  }

  async #serve(): Promise<void> {
    this.#serving = true;
    for (let request = this.#queue.shift(); request; request = this.#queue.shift()) {
      this.#status(request, 'busy');
      try {
        await this.#answer(request);
      } catch (error) {
        this.#parts.bridge.send(malformedReply(request, error));
      }
      this.#parts.flush();
      this.#status(request, 'idle');
    }
    this.#serving = false;
    this.#parts.idle();
  }

  async #answer(request: Message): Promise<void> {
    if (request.header.msg_type === 'execute_request') return this.#execute(request);
    const context = new Execution(request, { count: this.#count });
    const parts = { ...this.#parts, history: () => this.#openHistory() };
    const content = await runIn(context, () => answerShell(request, parts));
    if (content === undefined) return;
    const type = request.header.msg_type.replace(/_request$/, '_reply');
    this.#parts.bridge.send(makeReply(request, type, content));
  }

  async #execute(request: Message): Promise<void> {
    const { content } = request;
    if (this.#aborted.has(request)) {
      const aborted = { status: 'aborted', execution_count: this.#count };
      this.#parts.bridge.send(makeReply(request, 'execute_reply', aborted));
      return;
    }
    if (typeof content.code !== 'string') {
      throw new TypeError(`expected a string in code, got ${JSON.stringify(content.code)}`);
    }
    const started = new Date().toISOString();
    const execution = this.#begin(request, content.code);
    const payload = await pagerPayload(content.code, this.#parts.checker);
    const outcome: Outcome = payload
      ? { compiled: started }
      : await this.#run(content.code, execution);
    const expressions = outcome.error
      ? {}
      : await this.#evaluate(content.user_expressions, execution);
    const ended = new Date().toISOString();
    this.#running = undefined;
    const executionTiming = { started, compiled: outcome.compiled, ended };
    const reply = replyContent(outcome, execution, expressions, payload);
    this.#parts.bridge.send(
      makeReply(request, 'execute_reply', reply, {
        metadata: { ...executionTiming, executionTiming, dependencies_met: true, engine: '' }
      })
    );
    if (outcome.error && content.stop_on_error !== false) await this.#abortQueue();
  }

  #begin(request: Message, code: string): Execution {
    const { content } = request;
    const silent = content.silent === true;
    if (!silent && content.store_history !== false) {
      this.#count += 1;
      if (code.trim() !== '') this.#remember(history => history.add(this.#count, code));
    }
    const execution = new Execution(request, {
      count: this.#count,
      silent,
      allowStdin: content.allow_stdin !== false
    });
    this.#running = execution;
    this.#publish(execution, 'execute_input', { code, execution_count: this.#count });
    return execution;
  }

  async #run(code: string, execution: Execution): Promise<Outcome> {
    const outcome = await this.#parts.cells.run(code, execution);
    // errors that nobody handled are known only when the event loop has turned
    await new Promise(resolve => nextTurn(resolve));
    this.#parts.flush();
    if (outcome.error) this.#publish(execution, 'error', { ...outcome.error });
    else if (outcome.result) {
      const { count } = execution;
      this.#publish(execution, 'execute_result', {
        data: outcome.result,
        metadata: {},
        execution_count: count
      });
      const plain = outcome.result['text/plain'];
      if (typeof plain === 'string') this.#remember(history => history.addOutput(count, plain));
    }
    return outcome;
  }

  async #evaluate(expressions: unknown, execution: Execution): Promise<Json> {
    const values: Json = {};
    for (const [name, code] of Object.entries((expressions ?? {}) as Json)) {
      const { result, error } = await this.#parts.cells.run(String(code), execution, false);
      values[name] = error
        ? { status: 'error', ...error }
        : { status: 'ok', data: result ?? { 'text/plain': 'undefined' }, metadata: {} };
    }
    return values;
  }

  /** The cells that were already asked for do not run after one that failed. */
  async #abortQueue(): Promise<void> {
    await this.#parts.bridge.ping();
    for (const message of this.#queue) {
      if (message.header.msg_type === 'execute_request') this.#aborted.add(message);
    }
  }

  #openHistory(): History | undefined {
    if (this.#history === null) this.#history = this.#parts.openHistory();
    return this.#history;
  }

  /** A history that cannot be written, on a full disk for example, is no reason to run no cells. */
  #remember(write: (history: History) => void): void {
    const history = this.#openHistory();
    if (history === undefined) return;
    try {
      write(history);
    } catch (error) {
      this.#history = undefined;
      log(`the history is kept no longer: ${String(error)}`);
    }
  }

  #publish(execution: Execution, type: string, content: Json): void {
    if (!execution.silent) this.#parts.bridge.send(makeBroadcast(execution.parent, type, content));
  }

  #status(request: Message, state: 'busy' | 'idle'): void {
    const content = { execution_state: state };
    this.#parts.bridge.send(makeBroadcast(request.header, 'status', content));
  }
}

function replyContent(
  outcome: Outcome,
  execution: Execution,
  user_expressions: Json,
  payload: Json[] = []
): Json {
  const { error } = outcome;
  const execution_count = execution.count;
  return error
    ? { status: 'error', execution_count, ...error, user_expressions, payload }
    : { status: 'ok', execution_count, user_expressions, payload };
}
