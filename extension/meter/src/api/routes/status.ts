import type { ApiContext } from '../context.ts';
import { ok, route, type Route } from '../route.ts';
import { powerSchema } from '../schemas/energy.ts';
import { statusSchema } from '../schemas/status.ts';
import { json } from './answers.ts';

/** The routes that tell how things are. */
export function statusRoutes(context: ApiContext): Route[] {
  const { meter, store, leases, metrics, version, serves, startedAt } = context;
  return [
    route(
      {
        method: 'get',
        path: '/v1/status',
        summary: 'Sensors, kernels, the meter itself',
        answers: { 200: json('The daemon as it is now', statusSchema) }
      },
      () =>
        ok({
          version,
          serves,
          pid: process.pid,
          started_at: startedAt,
          node: process.version,
          ...meter.status(),
          history: store.state,
          leases: leases.count
        })
    ),
    route(
      {
        method: 'get',
        path: '/v1/power',
        summary: 'The power of the machine now, by domain',
        answers: { 200: json('Watts with their 95 % interval', powerSchema) }
      },
      () => ok(meter.power())
    ),
    route(
      {
        method: 'post',
        path: '/v1/sensors/discover',
        summary: 'Looks for sensors now: one was calibrated, plugged in, or permitted',
        answers: { 204: { description: 'Looked' } }
      },
      () => {
        meter.discover();
        return { status: 204 };
      }
    ),
    route(
      {
        method: 'get',
        path: '/metrics',
        summary: 'Figures for Prometheus',
        answers: { 200: { description: 'Text format', type: 'text/plain' } }
      },
      () => ({ status: 200, text: metrics.text(), type: metrics.contentType })
    )
  ];
}
