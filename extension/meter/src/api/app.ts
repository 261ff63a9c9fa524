import type { ApiContext } from './context.ts';
import { ok, route, type Route } from './route.ts';
import { createRouter, type RequestListener } from './router.ts';
import { eventRoutes } from './routes/events.ts';
import { executionRoutes } from './routes/executions.ts';
import { impactRoutes } from './routes/impact.ts';
import { measureRoutes } from './routes/measures.ts';
import { settingsRoutes } from './routes/settings.ts';
import { statusRoutes } from './routes/status.ts';

/**
 * The daemon's HTTP interface.
 * @param log Told failures that are the daemon's own.
 */
export function createApp(context: ApiContext, log: (message: string) => void): RequestListener {
  const routes: Route[] = [
    ...statusRoutes(context),
    ...executionRoutes(context),
    ...measureRoutes(context),
    ...settingsRoutes(context),
    ...impactRoutes(context),
    ...eventRoutes(context)
  ];
  const describe = route(
    {
      method: 'get',
      path: '/openapi.json',
      summary: 'This description',
      answers: { 200: { description: 'OpenAPI 3.0', type: 'application/json' } }
    },
    async () => {
      // Few ask for it: what makes the document is loaded for them alone.
      const { describeRoutes } = await import('./openapi.ts');
      return ok(describeRoutes(routes, context.version));
    }
  );
  return createRouter([...routes, describe], log);
}
