import { once } from 'node:events';
import { XPublisher } from 'zeromq';

import { Subscription } from './subscription.ts';

const largestBytes = 1000;

it('hears messages up to a size, and breaks the connection at a larger one', async () => {
  const publisher = new XPublisher({ linger: 0 });
  await publisher.bind('tcp://127.0.0.1:*');
  const connection = {
    ...{ path: '/kernel-1.json', kernelId: '1', kernelName: 'python3', notebook: null },
    ...{ transport: 'tcp' as const, ip: '127.0.0.1', key: '', hash: 'sha256', near: true },
    iopubPort: Number(publisher.lastEndpoint?.split(':').at(-1))
  };
  const heard: number[] = [];
  const events = new EventTarget();
  const subscription = new Subscription(
    connection,
    ([frame]) => {
      heard.push(frame?.length ?? 0);
      events.dispatchEvent(new Event('heard'));
    },
    () => events.dispatchEvent(new Event('broken')),
    largestBytes
  );
  await publisher.receive();
  const isHeard = once(events, 'heard');
  const isBroken = once(events, 'broken');
  await publisher.send(Buffer.alloc(largestBytes));
  // A connection that breaks takes with it what was not read yet.
  await isHeard;
  await publisher.send(Buffer.alloc(largestBytes + 1));
  await isBroken;
  expect(heard).toEqual([largestBytes]);
  subscription.close();
  expect(await subscription.ended).toBeUndefined();
  publisher.close();
});
