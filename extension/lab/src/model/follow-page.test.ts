import { followPage, HIDDEN_MS } from './follow-page';

/** A page that a test hides and shows, and what the meter was told meanwhile. */
function followed() {
  const page = Object.assign(new EventTarget(), { hidden: false });
  const network = new EventTarget();
  const told: string[] = [];
  const tell = (what: string) => () => void told.push(what);
  followPage({ start: tell('start'), pause: tell('pause'), retry: tell('retry') }, page, network);
  const show = (hidden: boolean): void => {
    page.hidden = hidden;
    page.dispatchEvent(new Event('visibilitychange'));
  };
  return { told, show, network };
}

describe('followPage', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('lets go of the daemon once the page has been hidden for a while, and comes back with it', () => {
    const { told, show } = followed();
    show(true);
    jest.advanceTimersByTime(HIDDEN_MS - 1);
    expect(told).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(told).toEqual(['pause']);
    show(false);
    expect(told).toEqual(['pause', 'start']);
  });

  it('stays through a short look at another tab', () => {
    const { told, show } = followed();
    show(true);
    show(false);
    jest.advanceTimersByTime(10 * HIDDEN_MS);
    expect(told).toEqual(['start']);
  });

  it('tries at once when the network is back', () => {
    const { told, network } = followed();
    network.dispatchEvent(new Event('online'));
    expect(told).toEqual(['retry']);
  });
});
