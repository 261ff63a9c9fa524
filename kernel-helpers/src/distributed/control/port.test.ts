import { connect } from 'node:net';
import { ControlPort } from './port.ts';

describe('who is alive', () => {
  let port: ControlPort;

  beforeEach(async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    port = await ControlPort.open('127.0.0.1:0', 'key');
  });

  afterEach(() => {
    port.close();
    jest.useRealTimers();
  });

  it('misses a worker of a group that died before its first beat', async () => {
    const lost: number[] = [];
    port.onLost = index => lost.push(index);
    port.expect([1, 2]);
    expect([...port.alive.keys()]).toEqual([1, 2]);
    expect(port.hasHeard([1])).toBe(false);
    await jest.advanceTimersByTimeAsync(13_000);
    expect(lost).toEqual([]);
    await jest.advanceTimersByTimeAsync(2000);
    await new Promise(setImmediate);
    expect(lost).toEqual([1, 2]);
    expect([...port.alive.keys()]).toEqual([]);
  });

  it('misses within 5 s one that fell silent', async () => {
    const lost: number[] = [];
    port.onLost = index => lost.push(index);
    const peer = connect(port.port, '127.0.0.1');
    peer.write('{"type":"beats","key":"key","from":1}\n{"type":"beat","generation":3}\n');
    while (!port.hasHeard([1])) await new Promise(setImmediate);
    expect(port.alive.get(1)).toBe(3);
    await jest.advanceTimersByTimeAsync(5000);
    await new Promise(setImmediate);
    expect(lost).toEqual([1]);
    peer.destroy();
  });

  it('misses at once one whose process ended', async () => {
    const missed = new Promise<string>(resolve => (port.onLost = (_, how) => resolve(how)));
    const peer = connect(port.port, '127.0.0.1');
    peer.write('{"type":"beats","key":"key","from":1}\n{"type":"beat","generation":3}\n');
    while (!port.hasHeard([1])) await new Promise(setImmediate);
    peer.destroy();
    expect(await missed).toBe('its process ended');
  });
});
