import { createRoute } from '@hono/zod-openapi';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { ApiApp, ApiContext } from '../context.ts';
import type { ServerEvent } from '../event-hub.ts';

/** Events of one page of what a client missed. */
const replayPage = 200;
/** A client that missed more reads the history instead. */
const replayMost = 10_000;

const stream = (description: string, type: string) => ({
  200: { description, content: { [type]: {} } }
});

const eventsRoute = createRoute({
  method: 'get',
  path: '/v1/events',
  summary:
    'Server-sent events: started, finished (with ids: resumable by Last-Event-ID), progress, ' +
    'power (2 a second), kernels, settings',
  responses: stream('Events until the client leaves', 'text/event-stream')
});

const leaseRoute = createRoute({
  method: 'get',
  path: '/v1/lease',
  summary: 'Keeps the daemon while the request is open',
  responses: stream('One line of JSON when the lease is given', 'application/x-ndjson')
});

/** Adds the routes that stay open. */
export function addEventRoutes(app: ApiApp, context: ApiContext): void {
  app.openapi(eventsRoute, c => {
    const missed = missedSince(c.req.header('last-event-id'), context);
    void context.events.attach(c.env.outgoing, missed);
    return RESPONSE_ALREADY_SENT;
  });
  app.openapi(leaseRoute, c => {
    context.leases.hold(c.env.outgoing);
    return RESPONSE_ALREADY_SENT;
  });
}

/** Pages of events: first the state of things, then what changed after the client's last id. */
function missedSince(
  lastId: string | undefined,
  { meter, store }: ApiContext
): () => ServerEvent[] {
  const first: ServerEvent[] = [
    { name: 'settings', data: store.settings() },
    { name: 'kernels', data: meter.status().kernels },
    { name: 'power', data: meter.power() }
  ];
  const known = lastId !== undefined && /^\d{1,15}$/.test(lastId);
  let after = known ? Math.max(Number(lastId), store.lastChange - replayMost) : store.lastChange;
  let begun = false;
  return () => {
    if (!begun) {
      begun = true;
      return first;
    }
    const page = store.changesSince(after, replayPage);
    after = page.at(-1)?.change ?? after;
    return page.map(({ execution, change }) => ({
      name: execution.status === 'running' ? 'started' : 'finished',
      data: execution,
      id: change
    }));
  };
}
