import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, root } from './places.mjs';
import { SetupError } from './progress.mjs';

/** How long after a command's end its output may still come. */
const outputSeconds = 5;

/**
 * Runs a command to its end. Its output goes to `.cache/logs/NAME.log`; when it fails, the last lines are shown.
 * @returns the output (stdout and stderr together).
 */
export async function run(name, command, args, options = {}) {
  const folder = join(cacheFolder, 'logs');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.log`);
  const log = createWriteStream(path);
  const { code, output } = await collect(command, args, options, chunk => log.write(chunk));
  log.end();
  if (code !== 0) {
    const tail = output.trimEnd().split('\n').slice(-25).join('\n');
    throw new SetupError(
      `${tail}\n\n${name} failed: ${command} ${args.join(' ')} ended with ${code}.\nThe whole output is in ${path}.`
    );
  }
  return output;
}

/**
 * Runs a command and gives its exit code (or signal) and output, whatever they are.
 *
 * It has a process group of its own. What is left of the group when the command has ended, or its time, is killed: a process that
 * a broken test leaves behind would hold the output open and keep the whole run from ending.
 * @param options as `spawn` takes them, and `minutes`, the time that it gets (no limit by default)
 * @param onChunk sees the output as it comes
 */
export function collect(command, args, { minutes, ...options } = {}, onChunk = () => {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
      detached: true,
      env: { ...process.env, ...options.env }
    });
    let output = '';
    const take = chunk => {
      output += chunk;
      onChunk(chunk);
    };
    const streams = [child.stdout, child.stderr];
    streams.forEach(stream => stream.setEncoding('utf8').on('data', take));
    const finish = () => {
      signalGroup(child.pid, 'SIGKILL');
      streams.forEach(stream => stream.destroy());
    };
    let late = false;
    const timers = [];
    if (minutes) {
      timers.push(setTimeout(() => ((late = true), finish()), minutes * 60_000));
    }
    child.on('error', reject);
    child.on('exit', () => timers.push(setTimeout(finish, outputSeconds * 1000)));
    const stopForwarding = forwardSignals(child.pid);
    child.on('close', (code, name) => {
      timers.forEach(clearTimeout);
      stopForwarding();
      resolve({ code: late ? `no result after ${minutes} minutes` : (code ?? name), output });
    });
  });
}

/** A group of its own does not hear the terminal's Ctrl-C. */
function forwardSignals(group) {
  const leave = name => {
    signalGroup(group, name);
    process.exit(130);
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  names.forEach(name => process.on(name, leave));
  return () => names.forEach(name => process.off(name, leave));
}

function signalGroup(group, name) {
  try {
    process.kill(-group, name);
  } catch (error) {
    if (error.code !== 'ESRCH') {
      throw error;
    }
  }
}
