import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { token } from './place.ts';

test('the launcher starts a tutorial from the template, and the File menu exports it with its energy', async ({
  page
}) => {
  await page.goto(`/lab?token=${token}&reset`);
  const card = page.locator('.jp-LauncherCard', { hasText: 'Energy Tutorial (Python)' });
  await expect(page.locator('.jp-LauncherCard', { hasText: '(TypeScript)' })).toBeVisible();
  await card.click();
  const notebook = page.locator('.jp-Notebook');
  await expect(notebook.getByRole('heading', { name: /New tutorial/ })).toBeVisible();
  await expect(page.locator('#jp-main-statusbar')).toContainText('| Idle', { timeout: 60_000 });

  await page.getByRole('menuitem', { name: 'File', exact: true }).click();
  await page.getByText('Save and Export Notebook As').hover();
  const [opened] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('menuitem', { name: 'Joulebook' }).click()
  ]);
  const download = await opened.waitForEvent('download');
  const html = await readFile(await download.path(), 'utf8');
  expect(html).toContain('New tutorial: does it save energy?');
  expect(html).toContain('Energy of this page: not metered');
});
