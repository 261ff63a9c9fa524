import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type Page, test as base } from '@playwright/test';
import { type LabServer, START_MS, originOf, withLab } from './lab-server.ts';
import { port } from './place.ts';

interface Worker {
  server: LabServer;
  lab: void;
  profile: BrowserContext;
  onePage: Page;
}

/**
 * Each worker has a JupyterLab of its own, and a browser with a profile: what the browser compiled of
 * JupyterLab's code for one test serves the next, which a context that keeps nothing compiles again.
 */
export const test = base.extend<object, Worker>({
  server: [{ port }, { scope: 'worker', option: true }],
  lab: [
    async ({ server }, use) => withLab(server, () => use()),
    { scope: 'worker', auto: true, timeout: START_MS }
  ],
  profile: [
    async ({ playwright, server }, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'joulebook-profile-'));
      const context = await playwright.chromium.launchPersistentContext(folder, {
        baseURL: originOf(server),
        viewport: { width: 1440, height: 900 }
      });
      await use(context);
      await context.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
    { scope: 'worker', timeout: START_MS }
  ],
  context: async ({ profile, server }, use) => {
    await use(profile);
    await forget(profile, originOf(server));
  },
  page: async ({ context }, use) => {
    const page = await context.newPage();
    await use(page);
    await page.close();
  },
  onePage: [
    async ({ profile }, use) => {
      const page = await profile.newPage();
      await use(page);
      await page.close();
    },
    { scope: 'worker' }
  ]
});

/** Leaves a profile only its caches, as if its user had never been here. */
export async function forget(profile: BrowserContext, origin: string): Promise<void> {
  const page = profile.pages()[0] ?? (await profile.newPage());
  const session = await profile.newCDPSession(page);
  const storageTypes = 'cookies,local_storage,indexeddb,cache_storage,service_workers';
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes });
  await session.detach();
}
