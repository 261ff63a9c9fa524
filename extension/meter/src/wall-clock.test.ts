import { monotonicNs } from './clock.ts';
import { WallClock } from './wall-clock.ts';

const second = 1_000_000_000;

describe('WallClock', () => {
  it("agrees with the system's clocks to within a millisecond", () => {
    const clock = new WallClock();
    const wall = BigInt(Date.now()) * 1_000_000n;
    expect(Math.abs(clock.toMonotonic(wall) - monotonicNs())).toBeLessThan(0.1 * second);
  });
  it('maps a date by the offset of its own moment when the clock steps forward', () => {
    const clock = new WallClock();
    const now = monotonicNs();
    const wall = clock.toWall(now);
    const hour = 3_600n * BigInt(second);
    clock.follow(now + second, wall + BigInt(second) + hour);
    expect(clock.toMonotonic(wall + 500_000_000n)).toBe(now + second / 2);
    expect(clock.toMonotonic(wall + hour + BigInt(2 * second))).toBe(now + 2 * second);
  });
  it('leaves the time out in which the machine was suspended: the monotonic clock stood still', () => {
    const clock = new WallClock();
    const now = monotonicNs();
    const begun = clock.toWall(now) + BigInt(second);
    const night = 8n * 3_600n * BigInt(second);
    clock.follow(now + 2 * second, clock.toWall(now) + BigInt(2 * second) + night);
    const ended = begun + night + BigInt(2 * second);
    expect(clock.toMonotonic(ended) - clock.toMonotonic(begun)).toBe(2 * second);
  });
  it('maps a date to the later of two moments when the clock steps back', () => {
    const clock = new WallClock();
    const now = monotonicNs();
    const wall = clock.toWall(now);
    const minute = 60n * BigInt(second);
    clock.follow(now + second, wall + BigInt(second) - minute);
    expect(clock.toMonotonic(wall - minute + BigInt(3 * second))).toBe(now + 3 * second);
    expect(clock.toWall(now + 3 * second)).toBe(wall - minute + BigInt(3 * second));
  });
  it('does not take readings that were interrupted for a step of the clock', () => {
    const clock = new WallClock();
    const now = monotonicNs();
    const wall = clock.toWall(now);
    const late = BigInt(5_000_000);
    clock.follow(now + second, wall + BigInt(second) + late, 6_000_000);
    expect(clock.toMonotonic(wall + BigInt(2 * second))).toBe(now + 2 * second);
    clock.follow(now + second, wall + BigInt(second) + late, 4_000_000);
    expect(clock.toMonotonic(wall + late + BigInt(2 * second))).toBe(now + 2 * second);
  });
});
