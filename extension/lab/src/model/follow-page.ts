import type { MeterModel } from './meter';

/** How long a page may be hidden before it lets go of the daemon's events, in ms. */
export const HIDDEN_MS = 10_000;

/** Nothing is asked of the daemon while the page has been hidden for a while; a network that is back is tried at once. */
export function followPage(
  meter: Pick<MeterModel, 'start' | 'pause' | 'retry'>,
  page: Pick<Document, 'hidden' | 'addEventListener'> = document,
  network: Pick<Window, 'addEventListener'> = window
): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  page.addEventListener('visibilitychange', () => {
    clearTimeout(timer);
    if (page.hidden) timer = setTimeout(() => meter.pause(), HIDDEN_MS);
    else meter.start();
  });
  network.addEventListener('online', () => meter.retry());
}
