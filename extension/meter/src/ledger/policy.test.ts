import { type Shares, splitByPolicy } from './policy.ts';
import type { Policy } from './types.ts';

const shares: Shares = {
  kernels: new Map([
    ['a', 300],
    ['b', 100]
  ]),
  other: 200,
  idle: 400,
  cpu: new Map([
    ['a', 3],
    ['b', 1]
  ]),
  cpuOther: 4
};
const window = (id: string, kernelId: string, policy: Policy) => ({ id, kernelId, policy });

describe('splitByPolicy', () => {
  it('gives an active window its kernel above idle, and leaves the rest where it belongs', () => {
    expect(splitByPolicy(1000, shares, [window('w', 'a', 'active')])).toEqual({
      cells: new Map([['w', 300]]),
      background: new Map([['b', 100]]),
      other: 200,
      idle: 400
    });
  });

  it('splits idle energy by CPU time for share-idle', () => {
    const split = splitByPolicy(1000, shares, [window('w', 'a', 'share-idle')]);
    expect(split.cells.get('w')).toBe(300 + (400 * 3) / 8);
    expect(split.idle).toBe(400 - (400 * 3) / 8);
  });

  it('gives an exclusive window everything, and several of them their CPU share of it', () => {
    const one = splitByPolicy(1000, shares, [window('w', 'a', 'exclusive')]);
    expect(one.cells).toEqual(new Map([['w', 1000]]));
    const holders = [window('w', 'a', 'exclusive'), window('v', 'b', 'exclusive')];
    expect(splitByPolicy(1000, shares, holders).cells).toEqual(
      new Map([
        ['w', 750],
        ['v', 250]
      ])
    );
  });
});
