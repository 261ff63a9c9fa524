import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { venv, venvBin } from './places.mjs';
import { SetupError, step } from './progress.mjs';
import { run } from './run.mjs';
import { isCurrent, remember } from './stamps.mjs';

/** The version that the tests run; other 2.x are tried at run time, with a warning. */
const version = '2.21.0';
const choices = ['cpu', 'gpu', 'none'];
const label = 'TensorFlow';

/**
 * Which TensorFlow to install: $JOULEBOOK_TENSORFLOW_WHEEL (cpu, gpu or none), else gpu where an NVIDIA GPU answers and cpu elsewhere.
 * @param seesGpu asked only when nobody chose
 */
export function chooseTensorFlow(env = process.env, seesGpu = hasNvidiaGpu) {
  const asked = env.JOULEBOOK_TENSORFLOW_WHEEL;
  if (asked && !choices.includes(asked)) {
    throw new SetupError(
      `JOULEBOOK_TENSORFLOW_WHEEL is "${asked}"; expected one of ${choices.join(', ')}, or nothing to let the set-up choose.`
    );
  }
  return asked || (seesGpu() ? 'gpu' : 'cpu');
}

/**
 * What pip installs. For the CPU two shared libraries are needed, so no Python package comes along; CUDA's libraries are packages.
 * @param choice cpu or gpu
 */
export function pipArguments(choice, { platform, arch } = process) {
  if (choice === 'gpu') {
    return ['--constraint', 'requirements.txt', `tensorflow[and-cuda]==${version}`];
  }
  const small = platform === 'linux' && arch === 'x64';
  return ['--no-deps', `${small ? 'tensorflow-cpu' : 'tensorflow'}==${version}`];
}

/**
 * Starts installing TensorFlow beside the steps that follow; call what it returns to wait for the end.
 * Without TensorFlow notebooks compute in WebAssembly, so a failure is told and does not stop the set-up.
 * @returns waits; resolves to whether TensorFlow is there
 */
export function beginTensorFlow() {
  const choice = chooseTensorFlow();
  if (choice === 'none') {
    return async () => false;
  }
  const args = pipArguments(choice);
  const what = { inputs: [], values: args, outputs: [venvBin('python'), library()] };
  if (isCurrent(label, what)) {
    return async () => true;
  }
  const started = Date.now();
  const done = run('tensorflow-pip', venvBin('python'), [
    ...['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'],
    ...['--progress-bar', 'off', ...args]
  ]);
  done.catch(() => {}); // reported by whoever waits
  return () => finish(choice, what, done, started);
}

async function finish(choice, what, done, started) {
  const size = choice === 'gpu' ? 'with CUDA, several GB' : 'its library, 1.3 GB';
  try {
    await step(`${label} (${size}; installed meanwhile)`, () => done, started);
    remember(label, { ...what, outputs: [] });
    return true;
  } catch (error) {
    console.log(
      `${error.message}\n\nGoing on without TensorFlow: notebooks compute in WebAssembly, several times slower.\n` +
        'Run the command again to retry, or set JOULEBOOK_TENSORFLOW_WHEEL=none to be asked no more.'
    );
    return false;
  }
}

/** Where pip puts the library. */
function library() {
  const lib = join(venv, 'lib');
  const python = readdirSync(lib).find(name => name.startsWith('python3')) ?? 'python3';
  const name = process.platform === 'darwin' ? 'libtensorflow_cc.2.dylib' : 'libtensorflow_cc.so.2';
  return join(lib, python, 'site-packages/tensorflow', name);
}

function hasNvidiaGpu() {
  const { status, stdout } = spawnSync('nvidia-smi', ['--list-gpus'], {
    encoding: 'utf8',
    timeout: 10_000
  });
  return status === 0 && stdout.includes('GPU ');
}
