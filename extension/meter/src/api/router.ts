import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod/mini';
import { MeterError, reasonOf } from '../errors.ts';
import { failureOf } from './errors.ts';
import { readJson } from './read-body.ts';
import type { Answer, Route } from './route.ts';

/** What answers a request of Node's HTTP server. */
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

interface Found {
  route: Route;
  params: Record<string, string>;
}

/**
 * Answers each request by its route. Whatever is wrong is answered as `{ error: { code, message } }`.
 * @param log Told failures that are the daemon's own.
 */
export function createRouter(
  routes: readonly Route[],
  log: (message: string) => void
): RequestListener {
  const patterns = routes.map(route => ({ route, pattern: patternOf(route.path) }));
  const find = (method: string, path: string): Found | undefined => {
    for (const { route, pattern } of patterns) {
      if (route.method !== method.toLowerCase()) continue;
      const match = pattern.exec(path);
      if (match) return { route, params: decoded(match.groups ?? {}) };
    }
    return undefined;
  };
  return (request, response) => {
    const { method = '', url = '/' } = request;
    const [path = '', query = ''] = url.split('?', 2);
    void answer(() => find(method, path), new URLSearchParams(query), request, response).catch(
      (error: unknown) => {
        const failure = failureTo(error);
        if (failure.status === 500) log(`${method} ${path}: ${stackOf(error)}`);
        // The rest of a request that is refused is not read: the connection cannot go on.
        if (!request.complete && !response.headersSent) response.setHeader('connection', 'close');
        sendJson(response, failure.status, failure.body);
      }
    );
  };
}

async function answer(
  find: () => Found | undefined,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> {
  const found = find();
  if (found === undefined) {
    const path = request.url?.split('?', 1)[0] ?? '';
    const message = `nothing at ${request.method} ${path}: /openapi.json lists what there is`;
    throw new MeterError('api/not-found', message);
  }
  const { route, params } = found;
  send(
    response,
    await route.handle({
      query: route.query && checked(route.query, Object.fromEntries(query)),
      body: route.body && checked(route.body, await readJson(request)),
      params,
      request,
      response
    })
  );
}

function decoded(params: Record<string, string>): Record<string, string> {
  try {
    return Object.fromEntries(
      Object.entries(params).map(([name, text]) => [name, decodeURIComponent(text)])
    );
  } catch {
    throw new MeterError('api/bad-request', 'expected a path that is encoded as UTF-8');
  }
}

function checked(schema: z.ZodMiniType, value: unknown): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join('.') || 'the request';
  throw new MeterError('api/bad-request', `${where}: ${issue?.message}`);
}

function send(response: ServerResponse, answer: Answer): void {
  if (answer === undefined) return;
  if ('body' in answer) sendJson(response, answer.status, answer.body);
  else if ('text' in answer) {
    response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.text);
  } else response.writeHead(answer.status).end();
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function failureTo(error: unknown) {
  if (error instanceof MeterError) return failureOf(error.code, error.message);
  return failureOf('api/failed', reasonOf(error));
}

function stackOf(error: unknown): string {
  const stack: unknown = typeof error === 'object' && error && Reflect.get(error, 'stack');
  return typeof stack === 'string' ? stack : reasonOf(error);
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
}
