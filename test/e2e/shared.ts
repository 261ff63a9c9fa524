import { test as base } from './lab-test.ts';

/**
 * Tests that share one page of JupyterLab: loading it takes longer than most tests do. Each opens a
 * notebook of its own.
 */
export const test = base.extend({
  page: async ({ onePage }, use) => {
    await use(onePage);
  }
});
