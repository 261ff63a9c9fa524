import type { ApiContext } from '../context.ts';
import { ok, route, type Route } from '../route.ts';
import { impactSchema, zonesSchema } from '../schemas/impact.ts';
import { json } from './answers.ts';

/** The routes of impact. */
export function impactRoutes({ impact }: ApiContext): Route[] {
  return [
    route(
      {
        method: 'get',
        path: '/v1/impact',
        summary: 'What turns joules into carbon, water and money, with sources and ages',
        answers: { 200: json('The figures in force', impactSchema) }
      },
      async () => ok(await impact.now())
    ),
    route(
      {
        method: 'get',
        path: '/v1/impact/zones',
        summary: 'The grid zones that can be chosen',
        answers: { 200: json('By name', zonesSchema) }
      },
      async () => {
        const { listZones } = await import('kernel-helpers/impact/zones');
        return ok({ zones: listZones() });
      }
    )
  ];
}
