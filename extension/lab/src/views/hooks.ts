import type { ISignal } from '@lumino/signaling';
import * as React from 'react';

/** Renders again whenever a signal fires. */
export function useSignal<S, A>(signal: ISignal<S, A> | null | undefined): void {
  const [, tick] = React.useReducer((n: number) => n + 1, 0);
  React.useEffect(() => {
    if (!signal) return undefined;
    signal.connect(tick);
    // What happened between rendering and connecting would go unseen otherwise.
    tick();
    return () => {
      signal.disconnect(tick);
    };
  }, [signal]);
}

/** The inner width and height of an element, in CSS pixels, followed as they change. */
export function useSize<E extends HTMLElement>(): [React.RefObject<E>, number, number] {
  const ref = React.useRef<E>(null);
  const [size, setSize] = React.useState({ width: 0, height: 0 });
  React.useLayoutEffect(() => {
    const node = ref.current;
    if (!node) return undefined;
    const measure = (): void => setSize({ width: node.clientWidth, height: node.clientHeight });
    measure();
    if (typeof ResizeObserver === 'undefined') return undefined;
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    return () => observer.disconnect();
  }, []);
  return [ref, size.width, size.height];
}
