import { createRoute, z } from '@hono/zod-openapi';
import { MeterError } from '../../errors.ts';
import type { ExecutionQuery } from '../../store/query.ts';
import type { ApiApp, ApiContext } from '../context.ts';
import { executionSchema } from '../schemas/execution.ts';
import { executionQuerySchema, labelsSchema } from '../schemas/requests.ts';
import { badRequest, body, json } from './answers.ts';

const listRoute = createRoute({
  method: 'get',
  path: '/v1/executions',
  summary: 'The history, filtered, a page at a time',
  request: { query: executionQuerySchema },
  responses: {
    200: json('In order of their start', z.object({ executions: z.array(executionSchema) })),
    400: badRequest
  }
});

const oneRoute = createRoute({
  method: 'get',
  path: '/v1/executions/{id}',
  summary: 'One execution',
  request: { params: z.object({ id: z.string() }) },
  responses: { 200: json('The execution', executionSchema), 404: badRequest }
});

const labelRoute = createRoute({
  method: 'post',
  path: '/v1/labels',
  summary: 'Names the cells of executions, before or after they run',
  request: { body: body(labelsSchema) },
  responses: { 204: { description: 'Kept' }, 400: badRequest, 413: badRequest }
});

/** Adds the routes of executions and their labels. */
export function addExecutionRoutes(app: ApiApp, { store, recorder }: ApiContext): void {
  app.openapi(listRoute, c => {
    const executions = store.list(queryOf(c.req.valid('query')));
    return c.json({ executions }, 200);
  });
  app.openapi(oneRoute, c => {
    const { id } = c.req.valid('param');
    const execution = store.get(id);
    if (execution === undefined) {
      throw new MeterError('api/not-found', `expected the id of an execution, got ${id}`);
    }
    return c.json(execution, 200);
  });
  app.openapi(labelRoute, c => {
    recorder.label(c.req.valid('json').labels);
    return c.body(null, 204);
  });
}

function queryOf(query: z.infer<typeof executionQuerySchema>): ExecutionQuery {
  const { kernel_id: kernelId, after_id: afterId, ...rest } = query;
  return { ...rest, kernelId, afterId };
}
