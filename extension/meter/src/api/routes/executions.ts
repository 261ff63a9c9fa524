import * as z from 'zod/mini';
import { MeterError } from '../../errors.ts';
import type { ExecutionQuery } from '../../store/query.ts';
import type { ApiContext } from '../context.ts';
import { ok, route, type Route } from '../route.ts';
import { executionSchema } from '../schemas/execution.ts';
import { executionQuerySchema, labelsSchema } from '../schemas/requests.ts';
import { badRequest, json } from './answers.ts';

/** The routes of executions and their labels. */
export function executionRoutes({ store, recorder }: ApiContext): Route[] {
  return [
    route(
      {
        method: 'get',
        path: '/v1/executions',
        summary: 'The history, filtered, a page at a time',
        query: executionQuerySchema,
        answers: {
          200: json('In order of their start', z.object({ executions: z.array(executionSchema) })),
          400: badRequest
        }
      },
      ({ query }) => ok({ executions: store.list(queryOf(query)) })
    ),
    route(
      {
        method: 'get',
        path: '/v1/executions/{id}',
        summary: 'One execution',
        answers: { 200: json('The execution', executionSchema), 404: badRequest }
      },
      ({ params: { id = '' } }) => {
        const execution = store.get(id);
        if (execution !== undefined) return ok(execution);
        throw new MeterError('api/not-found', `expected the id of an execution, got ${id}`);
      }
    ),
    route(
      {
        method: 'post',
        path: '/v1/labels',
        summary: 'Names the cells of executions, before or after they run',
        body: labelsSchema,
        answers: { 204: { description: 'Kept' }, 400: badRequest, 413: badRequest }
      },
      ({ body }) => {
        recorder.label(body.labels);
        return { status: 204 };
      }
    )
  ];
}

function queryOf(query: z.output<typeof executionQuerySchema>): ExecutionQuery {
  const { kernel_id: kernelId, after_id: afterId, ...rest } = query;
  return { ...rest, kernelId, afterId };
}
