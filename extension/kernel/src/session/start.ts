import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { CheckerClient } from '../checker/client.ts';
import { checkerCommand } from '../checker/command.ts';
import { findSnapshot } from '../checker/snapshot.ts';
import { displaySymbol, makeDisplay, makeShow, type Publish } from '../display/display.ts';
import { Streams } from '../display/streams.ts';
import { printTensorsOf } from '../display/tensor.ts';
import { showChildOutput } from '../engine/child-output.ts';
import { currentExecution } from '../engine/context.ts';
import { Evaluator } from '../engine/evaluator.ts';
import { installGlobals } from '../engine/globals.ts';
import { LocalModules } from '../engine/local-modules.ts';
import { ModuleLoader } from '../engine/modules.ts';
import { ScriptMaps } from '../engine/script-maps.ts';
import { quietTensorFlow } from '../engine/quiet-tensorflow.ts';
import { mapStacks, reportError } from '../engine/stack.ts';
import { Bridge } from '../wire/bridge.ts';
import { readConnection } from '../wire/connection.ts';
import { connectContent } from '../wire/control.ts';
import { log } from '../wire/log.ts';
import { makeBroadcast, type MessageExtras } from '../wire/message.ts';
import { CellRunner } from './cell-runner.ts';
import { Comms } from './comms.ts';
import { hardware, hardwareSymbol } from './hardware.ts';
import { History } from './history.ts';
import { kernelInfo, kernelVersion, typescriptVersion } from './info.ts';
import { Kernel } from './kernel.ts';
import { hasSqlite } from '../node-limits.ts';
import { cacheFolder, jupyterDataFolder } from './paths.ts';
import { ask } from './stdin.ts';

/** Where the kernel's own parts are. */
export interface KernelPlaces {
  /** The script that starts kernel and threads. */
  entry: string;
  /** The folder that holds the checker's script and from which packages are found. */
  home: string;
}

/**
 * Starts the kernel of a connection file in the current folder.
 * @throws KernelError when the connection file cannot be used.
 */
export function startKernel(connectionFile: string, places: KernelPlaces): void {
  const connection = readConnection(connectionFile);
  const folder = process.cwd();
  const info = kernelInfo();
  const bridge = new Bridge(places.entry, connection, info);
  const snapshot = findSnapshot(places.home, [places.home, cacheFolder()]);
  const command = checkerCommand(places.home, snapshot);
  const checker = new CheckerClient(command, { folder, home: places.home });
  const maps = new ScriptMaps();
  mapStacks(maps, [places.entry]);

  const broadcast = (type: string, content: Json, extras?: MessageExtras): void => {
    const execution = currentExecution();
    if (execution?.silent !== true) {
      bridge.send(makeBroadcast(execution?.parent ?? {}, type, content, extras));
    }
  };
  const streams = new Streams(({ execution, name, text }) => {
    if (execution?.silent === true) return;
    bridge.send(makeBroadcast(execution?.parent ?? {}, 'stream', { name, text }));
  });
  const inOrder: Publish = (type, content) => {
    streams.flush();
    broadcast(type, content);
  };
  const comms = new Comms((type, content, extras) => {
    streams.flush();
    broadcast(type, content, extras);
  });
  const show = makeShow(inOrder);
  const tslab = {
    versions: { tslab: kernelVersion, typescript: typescriptVersion, node: process.version },
    display: makeDisplay(show, false),
    newDisplay: () => makeDisplay(show, true),
    clearOutput: (wait = false) => inOrder('clear_output', { wait }),
    comms
  };
  const local = new LocalModules(maps);
  const modules = new ModuleLoader(folder, places.home, local, { tslab }, module => {
    printTensorsOf(module);
    quietTensorFlow();
  });
  const evaluator = new Evaluator(maps);
  const warn = (text: string): void => streams.write('stderr', text);
  const cells = new CellRunner({ checker, evaluator, modules, local, maps, warn });
  let settled = false;
  const kernel = new Kernel({
    bridge,
    cells,
    checker,
    comms,
    info,
    connect: connectContent(connection),
    openHistory,
    flush: () => streams.flush(),
    idle: () => {
      if (settled) return;
      settled = true;
      bridge.listenToSignals(places.entry);
      if (snapshot === undefined) buildSnapshotLater(places);
    }
  });

  const leave = process.exit.bind(process);
  const interrupt = (): void => {
    kernel.running?.cancel();
    cells.interrupt();
  };
  process.on('SIGINT', interrupt);
  process.on('uncaughtException', error => {
    warn(`Uncaught ${reportError(error, maps).traceback.join('\n')}\n`);
  });
  process.on('unhandledRejection', reason => {
    warn(`Unhandled rejection: ${reportError(reason, maps).traceback.join('\n')}\n`);
  });
  streams.capture();
  showChildOutput((name, text) => streams.write(name, text));
  local.install();
  installGlobals({
    folder,
    modules,
    shared: [
      [displaySymbol, show],
      [hardwareSymbol, hardware()]
    ],
    input: (prompt, options) => ask(bridge, streams, prompt, options)
  });
  bridge.start({
    request: message => kernel.receive(message),
    interrupt,
    shutdown: () => {
      checker.close();
      streams.flush();
      void bridge.close().then(() => leave(0));
    }
  });
}

/** The next kernel starts from the snapshot; this one goes on without. */
function buildSnapshotLater({ entry }: KernelPlaces): void {
  const args = ['--no-warnings', entry, '--build-snapshot', cacheFolder()];
  spawn(process.execPath, args, { detached: true, stdio: 'ignore' }).unref();
}

type Json = Record<string, unknown>;

function openHistory(): History | undefined {
  if (!hasSqlite()) return undefined;
  try {
    return new History(join(jupyterDataFolder(), 'joulebook', 'typescript-history.sqlite'));
  } catch (error) {
    log(`the history cannot be kept: ${String(error)}`);
    return undefined;
  }
}
