import { signalled } from './serve.ts';
import { startSystem, type SystemOptions } from './system.ts';

/**
 * Runs the daemon of a whole node in this process until SIGTERM or SIGINT. Once the socket answers, `ready <socket>` is said.
 * @param say Prints a line on standard output.
 * @throws MeterError `daemon/lock-held` when another one lives, `path/unsafe-folder`.
 */
export async function serveSystem(
  options: SystemOptions,
  say: (line: string) => void
): Promise<void> {
  const signals = signalled();
  const daemon = await startSystem(options);
  say(`ready ${options.socket}`);
  await signals;
  await daemon.stop();
}
