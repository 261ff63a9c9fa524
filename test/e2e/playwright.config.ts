import { join } from 'node:path';
import { defineConfig } from '@playwright/test';
import { besidePort, port, token } from './place.ts';

/** The environment with other extensions; `npm test` makes it, a single run may do without. */
const beside = process.env.JOULEBOOK_BESIDE;

export default defineConfig({
  testDir: '.',
  testIgnore: beside ? [] : ['beside.spec.ts'],
  snapshotPathTemplate: '{testDir}/references/{arg}{ext}',
  timeout: 180_000,
  expect: { timeout: 30_000 },
  retries: 0,
  workers: 1,
  outputDir: 'results',
  reporter: [['list'], ['json']],
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
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
  },
  webServer: [
    server(port, {}),
    ...(beside ? [server(besidePort, { JOULEBOOK_E2E_ENVIRONMENT: beside })] : [])
  ]
});

/** A JupyterLab on a port; the environment says of which Python environment. */
function server(at: number, env: Record<string, string>) {
  return {
    command: `node ${join(import.meta.dirname, 'start-lab.mjs')} ${at} ${token}`,
    url: `http://127.0.0.1:${at}/api?token=${token}`,
    env: { ...(process.env as Record<string, string>), ...env },
    timeout: 120_000,
    gracefulShutdown: { signal: 'SIGTERM' as const, timeout: 15_000 },
    reuseExistingServer: false
  };
}
