import type { ApiContext } from '../context.ts';
import type { ServerEvent } from '../event-hub.ts';
import { route, type Route } from '../route.ts';

/** Events of one page of what a client missed. */
const replayPage = 200;
/** A client that missed more reads the history instead. */
const replayMost = 10_000;

/** The routes that stay open. */
export function eventRoutes(context: ApiContext): Route[] {
  return [
    route(
      {
        method: 'get',
        path: '/v1/events',
        summary:
          'Server-sent events: started, finished (with ids: resumable by Last-Event-ID; told again ' +
          'when a label or the carbon comes late), progress, power (2 a second), kernels, settings',
        answers: {
          200: { description: 'Events until the client leaves', type: 'text/event-stream' }
        }
      },
      async ({ request, response }) => {
        const lastId = request.headers['last-event-id'];
        const missed = missedSince(typeof lastId === 'string' ? lastId : undefined, context);
        await context.events.attach(response, missed);
        return undefined;
      }
    ),
    route(
      {
        method: 'get',
        path: '/v1/lease',
        summary: 'Keeps the daemon while the request is open',
        answers: {
          200: {
            description: 'One line of JSON when the lease is given',
            type: 'application/x-ndjson'
          }
        }
      },
      ({ response }) => {
        context.leases.hold(response);
        return undefined;
      }
    )
  ];
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
