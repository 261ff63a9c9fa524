import type { Streams } from '../display/streams.ts';
import { currentExecution } from '../engine/context.ts';
import { KernelError } from '../errors.ts';
import type { Bridge } from '../wire/bridge.ts';
import { makeHeader } from '../wire/message.ts';

/** How `input()` asks. */
export interface InputOptions {
  /** Hides what is typed. @default false */
  password?: boolean;
}

/**
 * Asks the user of the running cell for a line of text, and waits for it.
 * @throws KernelError `stdin/refused` when the front end cannot ask.
 */
export function ask(
  bridge: Bridge,
  streams: Streams,
  prompt = '',
  options: InputOptions = {}
): string {
  const execution = currentExecution();
  if (execution?.allowStdin !== true) {
    throw new KernelError(
      'stdin/refused',
      'this front end cannot ask for input; give the value in the cell instead'
    );
  }
  streams.flush();
  return bridge.ask({
    channel: 'stdin',
    identities: execution.identities,
    header: makeHeader('input_request'),
    parent_header: execution.parent,
    metadata: {},
    content: { prompt, password: options.password === true },
    buffers: []
  });
}
