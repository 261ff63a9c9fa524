import { Pulse } from './pulse.ts';

let busy = false;
let watched = false;
let paces: string[] = [];
let beats = 0;
let pulse: Pulse;

beforeEach(() => {
  jest.useFakeTimers();
  [busy, watched, paces, beats] = [false, false, [], 0];
  pulse = new Pulse({
    isBusy: () => busy,
    isWatched: () => watched,
    setPace: pace => paces.push(pace),
    beat: () => (beats += 1)
  });
  pulse.start();
});
afterEach(() => {
  pulse.stop();
  jest.useRealTimers();
});

const pace = () => paces.at(-1);

/** How often it beats in a second. */
function beatsPerSecond(): number {
  const before = beats;
  jest.advanceTimersByTime(10_000);
  return (beats - before) / 10;
}

describe('the pulse', () => {
  it('is slow while nothing runs, and quicker where somebody looks', () => {
    expect(pace()).toBe('cold');
    expect(beatsPerSecond()).toBe(0.5);
    watched = true;
    jest.advanceTimersByTime(2_000);
    expect(beatsPerSecond()).toBe(2);
  });

  it('is fast around every edge, and slow again two seconds after the last cell', () => {
    pulse.heat();
    expect(pace()).toBe('hot');
    jest.advanceTimersByTime(1_900);
    expect(pace()).toBe('hot');
    jest.advanceTimersByTime(200);
    expect(pace()).toBe('cold');
  });

  it('is steady once a cell has run for long, and fast at once when the next one comes', () => {
    busy = true;
    pulse.heat();
    jest.advanceTimersByTime(4_900);
    expect(pace()).toBe('hot');
    jest.advanceTimersByTime(200);
    expect(pace()).toBe('steady');
    expect(beatsPerSecond()).toBe(5);
    pulse.heat();
    expect(pace()).toBe('hot');
  });
});
