import type * as z from 'zod/mini';
import type { AnswerDescription } from '../route.ts';
import { errorSchema } from '../schemas/requests.ts';

/** Describes an answer of JSON. */
export function json(description: string, schema: z.ZodMiniType): AnswerDescription {
  return { description, schema };
}

/** What any route may answer when the request is wrong. */
export const badRequest = json('The request is wrong; `message` says where', errorSchema);
