import { LabError } from '../errors';
import type { ServerEvent } from './sse';
import { EventStream, type OpenStream } from './stream';

/** Waits for the next emission of a signal. */
function next<S, A>(signal: {
  connect(slot: (sender: S, args: A) => void): boolean;
  disconnect(slot: (sender: S, args: A) => void): boolean;
}): Promise<A> {
  return new Promise(resolve => {
    const slot = (_: S, args: A): void => {
      signal.disconnect(slot);
      resolve(args);
    };
    signal.connect(slot);
  });
}

/** A connection that says something and stays open until it is aborted. */
async function* talk(texts: string[], signal?: AbortSignal): AsyncIterable<string> {
  yield* texts;
  if (signal) await new Promise(resolve => signal.addEventListener('abort', resolve));
}

describe('EventStream', () => {
  it('asks for what came after the last event when it connects again', async () => {
    const asked: (string | null)[] = [];
    const open: OpenStream = (lastEventId, signal) => {
      asked.push(lastEventId);
      return asked.length === 1
        ? talk(['retry: 1\nid: 41\nevent: finished\ndata: {}\n\n'])
        : talk(['event: power\ndata: 2\n\n'], signal);
    };
    const stream = new EventStream(open);
    const events: ServerEvent[] = [];
    stream.event.connect((_, event) => events.push(event));
    stream.start();
    const error = await next(stream.failed);
    expect(error.code).toBe('api/unreachable');
    await next(stream.opened);
    expect(asked).toEqual([null, '41']);
    expect(events.map(event => event.event)).toEqual(['finished', 'power']);
    stream.dispose();
  });
  it('tells why a connection failed and tries at once when nudged', async () => {
    let attempts = 0;
    const stream = new EventStream(() => {
      attempts += 1;
      throw new LabError('api/absent', 'events answered 404');
    });
    stream.start();
    expect((await next(stream.failed)).code).toBe('api/absent');
    const again = next(stream.failed);
    // The stream begins to wait in the turn after it has told of the failure.
    await new Promise(resolve => setTimeout(resolve));
    stream.nudge();
    await again;
    expect(attempts).toBe(2);
    stream.dispose();
  });
  it('gives up a connection on which nothing comes any more', async () => {
    const stream = new EventStream((_, signal) => talk(['data: a\n\n'], signal), { silenceMs: 5 });
    stream.start();
    await next(stream.opened);
    await next(stream.failed);
    stream.dispose();
    expect(stream.isDisposed).toBe(true);
  });
  it('lets go of the connection while it is paused and opens another one afterwards', async () => {
    const signals: AbortSignal[] = [];
    const stream = new EventStream((_, signal) => {
      signals.push(signal);
      return talk(['data: a\n\n'], signal);
    });
    stream.start();
    await next(stream.opened);
    stream.pause();
    expect(signals[0]?.aborted).toBe(true);
    const opened = next(stream.opened);
    stream.start();
    await opened;
    expect(signals).toHaveLength(2);
    stream.dispose();
  });
});
