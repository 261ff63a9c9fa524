import { MeterError } from '../errors.ts';

type Koffi = typeof import('koffi').default;

let koffi: Koffi | undefined;

/** Loads koffi; only a thread that calls C libraries pays its some megabytes. */
export async function loadNative(): Promise<void> {
  koffi ??= (await import('koffi')).default;
}

/**
 * koffi, once `loadNative` has run in this thread.
 * @throws MeterError `sensor/unreadable` before.
 */
export function native(): Koffi {
  if (koffi) return koffi;
  throw new MeterError('sensor/unreadable', 'expected loadNative() before a C library is called');
}
