import type { IncomingMessage, RequestOptions } from 'node:http';
import { createInterface } from 'node:readline';
import { MeterError, type MeterErrorCode } from '../errors.ts';
import type { Execution } from '../execution.ts';
import { http } from './http.ts';
import type { Status } from './schemas/status.ts';

const timeoutMs = 10_000;

/** A server-sent event as it arrives. */
export interface ClientEvent {
  name: string;
  data: unknown;
  id?: string;
}

/** Speaks to a daemon over its unix socket. Every method throws what `get` throws. */
export class ApiClient {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  /**
   * Answers a GET as JSON.
   * @param path Below the root, e.g. `/v1/status`.
   * @throws MeterError with the daemon's own code, or `daemon/not-running` when none answers.
   */
  async get<T>(path: string): Promise<T> {
    return (await jsonOf(await this.#send({ path, timeout: timeoutMs }))) as T;
  }

  /** Sends JSON and answers JSON; undefined when the answer is empty. */
  async send<T>(method: 'POST' | 'PUT', path: string, body: unknown): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    const response = await this.#send({ path, method, headers }, JSON.stringify(body));
    return (await jsonOf(response)) as T;
  }

  /** The daemon's status. */
  status(): Promise<Status> {
    return this.get<Status>('/v1/status');
  }

  /** Executions that match the query, page after page. */
  async *executions(query: Record<string, string> = {}, page = 1000): AsyncGenerator<Execution[]> {
    let after: string | undefined;
    for (;;) {
      const parameters = new URLSearchParams({ ...query, limit: String(page) });
      if (after !== undefined) parameters.set('after_id', after);
      const path = `/v1/executions?${parameters.toString()}`;
      const { executions } = await this.get<{ executions: Execution[] }>(path);
      if (executions.length > 0) yield executions;
      if (executions.length < page) return;
      after = executions.at(-1)?.id;
    }
  }

  /**
   * Events as they come, until `signal` aborts or the daemon leaves.
   * @param lastId Begin after the event of this id; default: now.
   */
  async *events(signal?: AbortSignal, lastId?: string): AsyncGenerator<ClientEvent> {
    const headers = lastId === undefined ? {} : { 'last-event-id': lastId };
    const response = await this.#send({ path: '/v1/events', signal, headers });
    // A daemon that dies ends the events like one that leaves.
    response.on('error', () => {});
    let fields: Record<string, string> = {};
    try {
      for await (const line of createInterface({ input: response })) {
        const { name, value } = /^(?<name>\w+): ?(?<value>.*)$/.exec(line)?.groups ?? {};
        if (name !== undefined && value !== undefined) fields[name] = value;
        if (line !== '') continue;
        const { event, data, id } = fields;
        fields = {};
        if (event !== undefined && data !== undefined)
          yield { name: event, data: JSON.parse(data), id };
      }
    } catch (error) {
      if (response.errored === null) throw error;
    } finally {
      response.destroy();
    }
  }

  /** Holds a lease until the returned function is called or this process ends. */
  async lease(): Promise<() => void> {
    const response = await this.#send({ path: '/v1/lease' });
    if (response.statusCode !== 200) throw await refusalOf(response);
    response.resume();
    response.on('error', () => {});
    response.socket.unref();
    return () => response.destroy();
  }

  #send(options: RequestOptions, body?: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent = http.request({ ...options, socketPath: this.#socket, agent: false }, resolve);
      sent.once('timeout', () => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)));
      sent.once('error', cause => {
        const message = `no meter answers at ${this.#socket} (${cause.message}): joulebook serve`;
        reject(new MeterError('daemon/not-running', message, { cause }));
      });
      sent.end(body);
    });
  }
}

async function jsonOf(response: IncomingMessage): Promise<unknown> {
  if ((response.statusCode ?? 500) >= 400) throw await refusalOf(response);
  return bodyOf(response);
}

async function refusalOf(response: IncomingMessage): Promise<MeterError> {
  const body = ((await bodyOf(response)) ?? {}) as {
    error?: { code: MeterErrorCode; message: string };
  };
  const { code = 'api/failed', message = `status ${response.statusCode}` } = body.error ?? {};
  return new MeterError(code, message);
}

async function bodyOf(response: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}
