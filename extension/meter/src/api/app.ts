import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { MeterError, reasonOf } from '../errors.ts';
import type { ApiContext, ApiEnvironment } from './context.ts';
import { failureOf } from './errors.ts';
import { addEventRoutes } from './routes/events.ts';
import { addExecutionRoutes } from './routes/executions.ts';
import { addMeasureRoutes } from './routes/measures.ts';
import { addSettingsRoutes } from './routes/settings.ts';
import { addStatusRoutes } from './routes/status.ts';

/** The largest body that is read, in bytes. */
const maxBodyBytes = 2 ** 20;

/**
 * The daemon's HTTP interface. Whatever is wrong is answered as `{ error: { code, message } }`.
 * @param log Told failures that are the daemon's own.
 */
export function createApp(context: ApiContext, log: (message: string) => void) {
  const app = new OpenAPIHono<ApiEnvironment>({
    defaultHook: (result, c) => {
      if (result.success) return undefined;
      const issue = result.error.issues[0];
      const where = issue?.path.join('.') || 'the request';
      const { body, status } = failureOf('api/bad-request', `${where}: ${issue?.message}`);
      return c.json(body, status);
    }
  });
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: c => {
        const message = `expected a body of at most ${maxBodyBytes} bytes: send it in parts`;
        const { body, status } = failureOf('api/too-large', message);
        return c.json(body, status);
      }
    })
  );
  addStatusRoutes(app, context);
  addExecutionRoutes(app, context);
  addMeasureRoutes(app, context);
  addSettingsRoutes(app, context);
  addEventRoutes(app, context);
  app.doc('/openapi.json', {
    openapi: '3.0.3',
    info: { title: 'joulebook meter', version: context.version }
  });
  app.notFound(c => {
    const message = `nothing at ${c.req.method} ${c.req.path}: /openapi.json lists what there is`;
    const { body, status } = failureOf('api/not-found', message);
    return c.json(body, status);
  });
  app.onError((error, c) => {
    const { body, status } = answerTo(error);
    if (status === 500) log(`${c.req.method} ${c.req.path}: ${error.stack ?? error.message}`);
    return c.json(body, status);
  });
  return app;
}

function answerTo(error: Error) {
  if (error instanceof MeterError) return failureOf(error.code, error.message);
  // Hono throws its own for a body that is not JSON.
  if ('status' in error && error.status === 400) return failureOf('api/bad-request', error.message);
  return failureOf('api/failed', reasonOf(error));
}
