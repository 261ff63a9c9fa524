import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { buildSnapshot } from './checker/snapshot.ts';
import { KernelError } from './errors.ts';
import { nodeLimits, nodeRefusal } from './node-limits.ts';
import { startKernel } from './session/start.ts';
import { log } from './wire/log.ts';
import { watchSignals } from './wire/signal-thread.ts';
import { runSocketThread } from './wire/socket-thread.ts';
import type { ThreadData } from './wire/thread-messages.ts';

const entry = fileURLToPath(import.meta.url);

async function main(): Promise<void> {
  const [connectionFile, folder] = process.argv.slice(2);
  const home = dirname(entry);
  if (connectionFile === '--build-snapshot') {
    process.exitCode = (await buildSnapshot(home, folder ?? home)) === undefined ? 1 : 0;
    return;
  }
  if (connectionFile === undefined) {
    log('expected the path of a connection file; Jupyter gives it');
    process.exit(2);
  }
  const refusal = nodeRefusal();
  if (refusal !== undefined) {
    log(refusal);
    process.exit(1);
  }
  for (const limit of nodeLimits()) log(limit);
  try {
    startKernel(connectionFile, { entry, home });
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    log(`${error.message} (${error.code})`);
    process.exit(1);
  }
}

if (isMainThread) await main();
else {
  const data = workerData as ThreadData | { signals: MessagePort };
  if ('signals' in data) watchSignals(data.signals);
  else if (parentPort) void runSocketThread(parentPort, data);
}
