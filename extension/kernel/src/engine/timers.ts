import timers from 'node:timers';
import { promisify } from 'node:util';
import { currentExecution } from './context.ts';

type Callback = (...values: unknown[]) => void;
type Start = (callback: Callback, ...rest: unknown[]) => object;

/**
 * Makes each timer belong to the cell that starts it, so that an interrupt can end it.
 * Timers of the kernel itself must be started through functions taken before this call.
 */
export function trackTimers(): void {
  track('setTimeout', value => clearTimeout(value as NodeJS.Timeout), true);
  track('setInterval', value => clearInterval(value as NodeJS.Timeout), false);
  track('setImmediate', value => clearImmediate(value as NodeJS.Immediate), true);
}

function track(
  name: 'setTimeout' | 'setInterval' | 'setImmediate',
  clear: (timer: object) => void,
  once: boolean
): void {
  const start = globalThis[name] as unknown as Start & { [promisify.custom]?: unknown };
  const tracked = (callback: Callback, ...rest: unknown[]): object => {
    const execution = currentExecution();
    if (execution === undefined || typeof callback !== 'function') return start(callback, ...rest);
    const end = (): void => clear(timer);
    const timer = start(
      (...values: unknown[]) => {
        if (once) execution.timers.delete(end);
        callback(...values);
      },
      ...rest
    );
    execution.timers.add(end);
    return timer;
  };
  Object.defineProperty(tracked, 'name', { value: name });
  Object.defineProperty(tracked, promisify.custom, { value: start[promisify.custom] });
  const replaced = tracked as unknown as typeof setTimeout &
    typeof setInterval &
    typeof setImmediate;
  globalThis[name] = replaced;
  (timers as Record<string, unknown>)[name] = replaced;
}
