import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cacheFolder } from './places.mjs';

const file = join(cacheFolder, 'setup.lock');

/** Runs `work` while no other script of this clone installs or builds; two at once would undo each other's steps. */
export async function alone(work) {
  mkdirSync(cacheFolder, { recursive: true });
  for (let said = false; !take(); said = true) {
    if (!said) {
      console.log(`waiting for process ${holder()}, which installs or builds here`);
    }
    await pause(500);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take() {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') {
      throw error;
    }
    if (!isAlive(holder())) {
      rmSync(file, { force: true });
    }
    return false;
  }
}

function holder() {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}

function isAlive(pid) {
  try {
    // A file just made may not hold its number yet.
    return pid === 0 || process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
