import { type Page, test as base } from '@playwright/test';
import { port } from './place.ts';

/**
 * Tests that share one page of JupyterLab: loading it takes longer than most tests do. Each opens a
 * notebook of its own.
 */
export const test = base.extend<object, { onePage: Page }>({
  onePage: [
    async ({ browser }, use) => {
      const page = await browser.newPage({
        baseURL: `http://127.0.0.1:${port}`,
        viewport: { width: 1440, height: 900 }
      });
      await use(page);
      await page.close();
    },
    { scope: 'worker' }
  ],
  page: async ({ onePage }, use) => {
    await use(onePage);
  }
});
