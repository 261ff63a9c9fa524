import type { z } from '@hono/zod-openapi';
import { errorSchema } from '../schemas/requests.ts';

/** Describes an answer of JSON for the schema of a route. */
export function json<T extends z.ZodType>(description: string, schema: T) {
  return { description, content: { 'application/json': { schema } } };
}

/** Describes the body of a request. */
export function body<T extends z.ZodType>(schema: T) {
  return { required: true, content: { 'application/json': { schema } } };
}

/** What any route may answer when the request is wrong. */
export const badRequest = json('The request is wrong; `message` says where', errorSchema);
