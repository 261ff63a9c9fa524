import { availableParallelism } from 'node:os';
import { defineConfig } from '@playwright/test';
import { origin } from './place.ts';

/** `npm test` makes an environment with other extensions; a single run may do without. */
const testIgnore = process.env.JOULEBOOK_BESIDE ? [] : ['beside.spec.ts'];

/** A trace with every state of the page takes as much time as the page itself: only for what has failed before. */
const inFull = process.env.JOULEBOOK_FULL_TRACE !== undefined;

/** More would starve the meters that are tested; the film for the README wants the machine for itself. */
const workers = process.env.JOULEBOOK_UPDATE_PICTURE ? 1 : Math.min(2, availableParallelism());

export default defineConfig({
  testDir: '.',
  testIgnore,
  snapshotPathTemplate: '{testDir}/references/{arg}{ext}',
  timeout: 180_000,
  expect: { timeout: 30_000 },
  retries: 0,
  workers,
  outputDir: 'results',
  reporter: [['list'], ['json']],
  use: {
    baseURL: origin,
    viewport: { width: 1440, height: 900 },
    trace: { mode: 'retain-on-failure', screenshots: inFull, snapshots: inFull },
    screenshot: 'only-on-failure',
    video: 'off',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync'
      ]
    }
  }
});
