import { parseNetwork, readNetwork } from './network.ts';

const table = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 9000000   1000    0    0    0     0          0         0 9000000   1000    0    0    0     0       0          0
  eth0: 5000000    400    0    0    0     0          0         0  120000    300    0    0    0     0       0          0
 wlan0:1000 4 0 0 0 0 0 0 20 3 0 0 0 0 0 0
`;

describe('the network of a process', () => {
  it('is the sum of its interfaces, the loopback left out', () => {
    expect(parseNetwork(table)).toEqual({ receivedBytes: 5_001_000, sentBytes: 120_020 });
  });

  it('is not known of a process that has gone', () => {
    expect(readNetwork(2 ** 30)).toBeUndefined();
  });

  it('never counts backwards while the process lives', () => {
    const [first, second] = [readNetwork(process.pid), readNetwork(process.pid)];
    expect(second?.receivedBytes).toBeGreaterThanOrEqual(first?.receivedBytes ?? NaN);
  });
});
