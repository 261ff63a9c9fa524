import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, root } from './places.mjs';
import { SetupError } from './progress.mjs';

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

/** Runs a command and gives its exit code and output, whatever they are; `onChunk` sees the output as it comes. */
export function collect(command, args, options = {}, onChunk = () => {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
      env: { ...process.env, ...options.env }
    });
    let output = '';
    const take = chunk => {
      output += chunk;
      onChunk(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? signal, output }));
  });
}
