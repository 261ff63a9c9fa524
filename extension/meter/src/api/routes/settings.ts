import { createRoute } from '@hono/zod-openapi';
import type { ApiApp, ApiContext } from '../context.ts';
import { settingsSchema } from '../schemas/requests.ts';
import { badRequest, body, json } from './answers.ts';

const readRoute = createRoute({
  method: 'get',
  path: '/v1/settings',
  summary: 'The settings in force',
  responses: { 200: json('All settings', settingsSchema) }
});

const changeRoute = createRoute({
  method: 'put',
  path: '/v1/settings',
  summary: 'Changes settings; one left out stays as it is',
  request: { body: body(settingsSchema.partial()) },
  responses: { 200: json('All settings', settingsSchema), 400: badRequest }
});

/** Adds the routes of settings. */
export function addSettingsRoutes(app: ApiApp, { store, recorder }: ApiContext): void {
  app.openapi(readRoute, c => c.json(store.settings(), 200));
  app.openapi(changeRoute, c => c.json(recorder.changeSettings(c.req.valid('json')), 200));
}
