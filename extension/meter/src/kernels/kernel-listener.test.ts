import { WallClock } from '../wall-clock.ts';
import { type KernelContext, KernelListener } from './kernel-listener.ts';

const context: KernelContext = {
  clock: new WallClock(),
  counts: { bad_signatures: 0, malformed_messages: 0, unknown_messages: 0 },
  events: {
    edge: () => {},
    window: () => {},
    broken: () => {},
    changed: () => {},
    trouble: () => {}
  }
};
const connection = {
  ...{ path: '/kernel-1.json', kernelId: '1', kernelName: 'python3', notebook: null },
  ...{ transport: 'tcp' as const, ip: '127.0.0.1', iopubPort: 1, key: '', hash: 'sha256' }
};

describe('KernelListener', () => {
  it.each([true, false])(
    'takes a kernel for a remote one unless its address is near: %s',
    async near => {
      const listener = new KernelListener({ ...connection, near }, context);
      listener.attach(process.pid);
      expect(listener.describe()).toMatchObject({ pid: process.pid, remote: !near });
      await listener.close();
    }
  );
});
