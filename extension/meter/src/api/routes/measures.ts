import * as z from 'zod/mini';
import type { ApiContext } from '../context.ts';
import { ok, route, type Route } from '../route.ts';
import { measureResultSchema } from '../schemas/execution.ts';
import { openMeasureSchema } from '../schemas/requests.ts';
import { badRequest, json } from './answers.ts';

/** The routes of `measure()` blocks. */
export function measureRoutes({ meter }: ApiContext): Route[] {
  return [
    route(
      {
        method: 'post',
        path: '/v1/measures',
        summary: 'Opens a measure() block in the execution that runs the process',
        body: openMeasureSchema,
        answers: {
          200: json('The open block', z.object({ id: z.string(), start_ns: z.number() })),
          400: badRequest,
          409: badRequest,
          429: badRequest
        }
      },
      ({ body: { pid, label, parent_id: parentId } }) => {
        const block = { pid, label, ...(parentId === undefined ? {} : { parentId }) };
        const { id, startNs } = meter.openMeasure(block);
        return ok({ id, start_ns: startNs });
      }
    ),
    route(
      {
        method: 'get',
        path: '/v1/measures/{id}',
        summary: 'What an open block has used so far',
        answers: {
          200: json('What the block has used so far', measureResultSchema),
          404: badRequest
        }
      },
      ({ params: { id = '' } }) => ok(meter.previewMeasure(id))
    ),
    route(
      {
        method: 'post',
        path: '/v1/measures/{id}/end',
        summary: 'Ends a block; answers when its readings have settled, 2 s at most',
        answers: { 200: json('What the block used', measureResultSchema), 404: badRequest }
      },
      async ({ params: { id = '' } }) => ok(await meter.endMeasure(id))
    )
  ];
}
