import { once } from 'node:events';
import { XPublisher } from 'zeromq';

import { Subscription } from './subscription.ts';

const largestBytes = 1000;

it('hears messages up to a size, breaks the connection at a larger one, and makes it anew', async () => {
  const publisher = new XPublisher({ linger: 0, verbosity: 'allSubs' });
  await publisher.bind('tcp://127.0.0.1:*');
  const connection = {
    ...{ path: '/kernel-1.json', kernelId: '1', kernelName: 'python3', notebook: null },
    ...{ transport: 'tcp' as const, ip: '127.0.0.1', key: '', hash: 'sha256', near: true },
    iopubPort: Number(publisher.lastEndpoint?.split(':').at(-1))
  };
  const heard: number[] = [];
  const events = new EventTarget();
  const tell = (name: string) => () => void events.dispatchEvent(new Event(name));
  const told = {
    frames: ([frame]: Buffer[]) => {
      heard.push(frame?.length ?? 0);
      tell('heard')();
    },
    broken: tell('broken'),
    refused: tell('refused')
  };
  const subscription = new Subscription(connection, told, largestBytes);
  await publisher.receive();
  const isHeard = once(events, 'heard');
  const isBroken = once(events, 'broken');
  await publisher.send(Buffer.alloc(largestBytes));
  // A connection that breaks takes with it what was not read yet.
  await isHeard;
  await publisher.send(Buffer.alloc(largestBytes + 1));
  const isRefused = once(events, 'refused');
  await isBroken;
  expect(heard).toEqual([largestBytes]);
  await isRefused;
  // The publisher hears that one has come, before or after it hears that one has gone, which it may not.
  while ((await publisher.receive())[0]?.[0] !== 1);
  const isHeardAgain = once(events, 'heard');
  await publisher.send(Buffer.alloc(1));
  await isHeardAgain;
  expect(heard).toEqual([largestBytes, 1]);
  await subscription.close();
  publisher.close();
});
