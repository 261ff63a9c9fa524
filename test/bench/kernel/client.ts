import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import * as zmq from 'zeromq';

/** How a kernel is started: its kernelspec's command, with `{connection_file}` in it. */
export interface KernelCommand {
  name: string;
  argv: string[];
  env?: Record<string, string>;
}

/** What became of one cell. */
export interface CellOutcome {
  status: string;
  /** From the request's departure to its idle. */
  milliseconds: number;
  /** The value as plain text. */
  result?: string;
  stdout: string;
  /** Name, message and traceback of an error, and what was printed about it. */
  error?: string;
}

type Json = Record<string, unknown>;
interface Message {
  type: string;
  parent: string;
  content: Json;
}

const channels = ['shell', 'iopub', 'stdin', 'control', 'hb'] as const;
/** How often the sockets try to reach a kernel that starts, ms. */
const reconnectMs = 10;
/** How often a kernel that starts is asked, ms: some lose their first messages, others some of many that wait. */
const askAgainMs = 500;
/** A kernel that does not answer for so long never will, ms. */
const startPatienceMs = 60_000;

/** A kernel process and a client joined to it over ZeroMQ. */
export class KernelClient {
  /** From the process's start to the first reply, ms. */
  startMs = 0;
  readonly process: ChildProcess;
  readonly #key: string;
  readonly #shell = new zmq.Dealer({ linger: 0, reconnectInterval: reconnectMs });
  readonly #iopub = new zmq.Subscriber({ linger: 0, reconnectInterval: reconnectMs });
  readonly #session = randomUUID();
  readonly #listeners = new Set<(message: Message) => void>();

  private constructor(child: ChildProcess, key: string, ports: Record<string, number>) {
    this.process = child;
    this.#key = key;
    this.#shell.connect(`tcp://127.0.0.1:${ports.shell}`);
    this.#iopub.connect(`tcp://127.0.0.1:${ports.iopub}`);
    this.#iopub.subscribe();
    for (const socket of [this.#shell, this.#iopub]) void this.#listen(socket);
  }

  /** Starts a kernel in a folder and waits for its first reply, and for its broadcasts to come through. */
  static async start(command: KernelCommand, folder = tempFolder()): Promise<KernelClient> {
    const key = randomUUID();
    const ports = await freePorts();
    const file = join(tempFolder(), 'connection.json');
    const numbers = Object.fromEntries(channels.map(name => [`${name}_port`, ports[name]]));
    const settings = { transport: 'tcp', ip: '127.0.0.1', signature_scheme: 'hmac-sha256', key };
    writeFileSync(file, JSON.stringify({ ...settings, ...numbers }));
    const [program = '', ...args] = command.argv.map(arg => arg.replace('{connection_file}', file));
    const started = performance.now();
    const env = { ...process.env, ...command.env };
    const child = spawn(program, args, { cwd: folder, env, stdio: 'ignore' });
    const client = new KernelClient(child, key, ports);
    try {
      await client.#answers(() => {
        client.startMs = performance.now() - started;
      });
      return client;
    } catch (error) {
      await client.stop();
      throw error;
    }
  }

  /** Runs a cell to its idle. */
  async run(code: string): Promise<CellOutcome> {
    const started = performance.now();
    const messages = await this.request('execute_request', executeContent(code));
    const milliseconds = performance.now() - started;
    const of = (type: string): Json[] =>
      messages.filter(message => message.type === type).map(({ content }) => content);
    const reply = of('execute_reply')[0] ?? {};
    const failed = of('error')[0] ?? (reply.status === 'error' ? reply : undefined);
    const shown = [...of('execute_result'), ...of('display_data')];
    const text = (shown[0]?.data as Json | undefined)?.['text/plain'];
    const printed = (to: string): string =>
      of('stream')
        .filter(({ name }) => name === to)
        .map(({ text: part }) => String(part))
        .join('');
    return {
      status: String(reply.status),
      milliseconds,
      result: typeof text === 'string' ? text : undefined,
      stdout: printed('stdout'),
      error: failed && `${errorText(failed)}${printed('stderr')}`
    };
  }

  /** Sends a request; resolves with all its messages, once both reply and idle are there. */
  request(type: string, content: Json): Promise<Message[]> {
    const id = randomUUID();
    const messages: Message[] = [];
    return new Promise((resolve, reject) => {
      const listener = (message: Message): void => {
        if (message.parent !== id) return;
        messages.push(message);
        const idle = messages.some(({ content: c }) => c.execution_state === 'idle');
        const replied = messages.some(one => one.type.endsWith('_reply'));
        if (!idle || !replied) return;
        this.#listeners.delete(listener);
        resolve(messages);
      };
      this.#listeners.add(listener);
      this.#send(id, type, content).catch(reject);
    });
  }

  /** Memory of the kernel's processes, bytes; what they share counts once. */
  memory(): number {
    const own = this.process.pid ?? 0;
    const children = readFileSync(`/proc/${own}/task/${own}/children`, 'utf8').trim();
    const pids = [String(own), ...children.split(' ').filter(pid => pid !== '')];
    return pids.reduce((sum, pid) => {
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      return sum + Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) * 1024;
    }, 0);
  }

  /** Ends the kernel. */
  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = new Promise(resolve => this.process.once('exit', resolve));
      this.process.kill('SIGKILL');
      await ended;
    }
    this.#shell.close();
    this.#iopub.close();
  }

  /** Asks until both a reply and a broadcast came; calls back at the first reply. */
  async #answers(replied: () => void): Promise<void> {
    const missing = new Set(['kernel_info_reply', 'status']);
    let asking: NodeJS.Timeout | undefined;
    let patience: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      const fail = (what: string): void => reject(new Error(`the kernel ${what}`));
      this.process.once('exit', code => fail(`ended with ${code}`));
      patience = setTimeout(() => fail(`gave no answer in ${startPatienceMs} ms`), startPatienceMs);
      const listener = ({ type }: Message): void => {
        if (missing.delete(type) && type === 'kernel_info_reply') replied();
        if (missing.size > 0) return;
        this.#listeners.delete(listener);
        resolve();
      };
      this.#listeners.add(listener);
      const ask = (): void =>
        void this.#send(randomUUID(), 'kernel_info_request', {}).catch(reject);
      asking = setInterval(ask, askAgainMs);
      ask();
    }).finally(() => {
      clearInterval(asking);
      clearTimeout(patience);
    });
  }

  async #listen(socket: zmq.Dealer | zmq.Subscriber): Promise<void> {
    for await (const frames of socket) {
      const at = frames.findIndex(frame => frame.toString() === '<IDS|MSG>');
      const [header, parent, , content] = frames
        .slice(at + 2, at + 6)
        .map(frame => JSON.parse(frame.toString()) as Json);
      const message = {
        type: String(header?.msg_type),
        parent: String(parent?.msg_id),
        content: content ?? {}
      };
      for (const listener of this.#listeners) listener(message);
    }
  }

  async #send(id: string, type: string, content: Json): Promise<void> {
    const header = {
      msg_id: id,
      msg_type: type,
      session: this.#session,
      username: 'bench',
      date: new Date().toISOString(),
      version: '5.3'
    };
    const parts = [header, {}, {}, content].map(part => JSON.stringify(part));
    const hmac = createHmac('sha256', this.#key);
    for (const part of parts) hmac.update(part);
    await this.#shell.send(['<IDS|MSG>', hmac.digest('hex'), ...parts]);
  }
}

const tempFolder = (): string => mkdtempSync(join(tmpdir(), 'joulebook-bench-'));

function executeContent(code: string): Json {
  const flags = { silent: false, store_history: true, allow_stdin: false, stop_on_error: false };
  return { code, user_expressions: {}, ...flags };
}

function errorText({ ename, evalue, traceback }: Json): string {
  const lines = Array.isArray(traceback) ? traceback.join('\n') : '';
  const text = stripVTControlCharacters(`${String(ename)}\n${String(evalue)}\n${lines}`);
  return text.replace(/Cell \d+/g, 'Cell');
}

async function freePorts(): Promise<Record<(typeof channels)[number], number>> {
  const servers = channels.map(() => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map(server => new Promise(done => server.once('listening', done))));
  const ports = servers.map(server => (server.address() as { port: number }).port);
  await Promise.all(servers.map(server => new Promise(done => server.close(done))));
  return Object.fromEntries(channels.map((name, at) => [name, ports[at] ?? 0])) as Record<
    (typeof channels)[number],
    number
  >;
}
