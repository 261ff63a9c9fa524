import { expect } from '@playwright/test';
import { test } from './lab-test.ts';
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
  await expect(page.getByRole('menuitem', { name: 'Joulebook' })).toBeVisible();
  // What the entry asks the server for; its answer is a download, which closes its own page.
  const exported = await page.request.get('/nbconvert/joulebook/Untitled.ipynb?download=true', {
    headers: { Authorization: `token ${token}` }
  });
  const html = await exported.text();
  expect(html).toContain('New tutorial: does it save energy?');
  expect(html).toContain('Energy of this page: not metered');
});
