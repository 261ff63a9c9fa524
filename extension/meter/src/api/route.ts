import type { IncomingMessage, ServerResponse } from 'node:http';
import type * as z from 'zod/mini';

/** What a route answers; undefined when it has taken the response over, for a stream. */
export type Answer =
  | { status: 200; body: unknown }
  | { status: 200; text: string; type: string }
  | { status: 204 }
  | undefined;

/** A described answer: its content type and, for JSON, its schema. */
export interface AnswerDescription {
  description: string;
  type?: string;
  schema?: z.ZodMiniType;
}

/** What a route is asked, checked by its schemas. */
export interface Asked<Query, Body> {
  query: Query;
  body: Body;
  /** The parts of the path in braces. */
  params: Record<string, string>;
  request: IncomingMessage;
  response: ServerResponse;
}

/** How a route is described: the same schemas check its requests. */
export interface RouteDescription {
  method: 'get' | 'post' | 'put';
  /** `{name}` stands for one part. */
  path: string;
  summary: string;
  query?: z.ZodMiniType;
  body?: z.ZodMiniType;
  answers: Record<number, AnswerDescription>;
}

/** A route with what it does. */
export interface Route extends RouteDescription {
  handle(asked: Asked<unknown, unknown>): Answer | Promise<Answer>;
}

type OutputOf<T> = T extends z.ZodMiniType ? z.output<T> : undefined;

/** Ties what a route does to its description: query and body have the types of their schemas. */
export function route<const T extends RouteDescription>(
  description: T,
  handle: (asked: Asked<OutputOf<T['query']>, OutputOf<T['body']>>) => Answer | Promise<Answer>
): Route {
  // The router checks both with the schemas of this description before it calls.
  return { ...description, handle };
}

/** The answer that is JSON. */
export function ok(body: unknown): Answer {
  return { status: 200, body };
}
