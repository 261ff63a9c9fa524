import { createRoute, z } from '@hono/zod-openapi';
import type { ApiApp, ApiContext } from '../context.ts';
import { measureResultSchema } from '../schemas/execution.ts';
import { openMeasureSchema } from '../schemas/requests.ts';
import { badRequest, body, json } from './answers.ts';

const openRoute = createRoute({
  method: 'post',
  path: '/v1/measures',
  summary: 'Opens a measure() block in the execution that runs the process',
  request: { body: body(openMeasureSchema) },
  responses: {
    200: json('The open block', z.object({ id: z.string(), start_ns: z.number() })),
    400: badRequest,
    409: badRequest
  }
});

const endRoute = createRoute({
  method: 'post',
  path: '/v1/measures/{id}/end',
  summary: 'Ends a block; answers when its readings have settled, 2 s at most',
  request: { params: z.object({ id: z.string() }) },
  responses: { 200: json('What the block used', measureResultSchema), 404: badRequest }
});

const soFarRoute = createRoute({
  method: 'get',
  path: '/v1/measures/{id}',
  summary: 'What an open block has used so far',
  request: { params: z.object({ id: z.string() }) },
  responses: { 200: json('What the block has used so far', measureResultSchema), 404: badRequest }
});

/** Adds the routes of `measure()` blocks. */
export function addMeasureRoutes(app: ApiApp, { meter }: ApiContext): void {
  app.openapi(openRoute, c => {
    const { pid, label, parent_id: parentId } = c.req.valid('json');
    const block = { pid, label, ...(parentId === undefined ? {} : { parentId }) };
    const { id, startNs } = meter.openMeasure(block);
    return c.json({ id, start_ns: startNs }, 200);
  });
  app.openapi(soFarRoute, c => c.json(meter.previewMeasure(c.req.valid('param').id), 200));
  app.openapi(endRoute, async c => c.json(await meter.endMeasure(c.req.valid('param').id), 200));
}
