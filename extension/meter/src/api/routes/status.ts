import { createRoute, z } from '@hono/zod-openapi';
import type { ApiApp, ApiContext } from '../context.ts';
import { powerSchema } from '../schemas/energy.ts';
import { statusSchema } from '../schemas/status.ts';
import { json } from './answers.ts';

const statusRoute = createRoute({
  method: 'get',
  path: '/v1/status',
  summary: 'Sensors, kernels, the meter itself',
  responses: { 200: json('The daemon as it is now', statusSchema) }
});

const powerRoute = createRoute({
  method: 'get',
  path: '/v1/power',
  summary: 'The power of the machine now, by domain',
  responses: { 200: json('Watts with their 95 % interval', powerSchema) }
});

const metricsRoute = createRoute({
  method: 'get',
  path: '/metrics',
  summary: 'Figures for Prometheus',
  responses: {
    200: { description: 'Text format', content: { 'text/plain': { schema: z.string() } } }
  }
});

/** Adds the routes that tell how things are. */
export function addStatusRoutes(app: ApiApp, context: ApiContext): void {
  const { meter, store, leases, metrics, version, startedAt } = context;
  app.openapi(statusRoute, c =>
    c.json(
      {
        version,
        pid: process.pid,
        started_at: startedAt,
        node: process.version,
        ...meter.status(),
        history: store.state,
        leases: leases.count
      },
      200
    )
  );
  app.openapi(powerRoute, c => c.json(meter.power(), 200));
  app.openapi(metricsRoute, async c =>
    c.text(await metrics.text(), 200, { 'content-type': metrics.contentType })
  );
}
