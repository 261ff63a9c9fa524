import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { token } from './place.ts';

/** How long a JupyterLab may take to answer, and to end. */
export const START_MS = 120_000;
const STOP_MS = 15_000;

/** A JupyterLab to be started: on which port, and of which Python environment if not the project's. */
export interface LabServer {
  port: number;
  environment?: string;
}

export const originOf = ({ port }: LabServer): string => `http://127.0.0.1:${port}`;

/** Has a JupyterLab while it is used. */
export async function withLab(server: LabServer, use: () => Promise<void>): Promise<void> {
  const { port, environment } = server;
  const script = join(import.meta.dirname, 'start-lab.mjs');
  const lab = spawn(process.execPath, [script, String(port), token], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...(environment && { JOULEBOOK_E2E_ENVIRONMENT: environment }) }
  });
  const ended = once(lab, 'exit');
  try {
    const deadline = Date.now() + START_MS;
    while (!(await answers(server))) {
      if (lab.exitCode !== null || Date.now() > deadline) {
        throw new Error(`expected a JupyterLab on port ${port}, and none answers`);
      }
      await pause(100);
    }
    await use();
  } finally {
    lab.kill('SIGTERM');
    const late = setTimeout(() => lab.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(late);
  }
}

async function answers(server: LabServer): Promise<boolean> {
  try {
    return (await fetch(`${originOf(server)}/api?token=${token}`)).ok;
  } catch {
    return false;
  }
}
