import { type Page, expect } from '@playwright/test';
import { set } from './in-page.ts';
import { LabPage } from './lab-page.ts';
import { test } from './lab-test.ts';
import { python, readFile, row, write } from './notebooks.ts';
import { besidePort, token } from './place.ts';

const environment = process.env['JOULEBOOK_BESIDE'];

test.use({ server: { port: besidePort, ...(environment && { environment }) } });

async function openShared(page: Page, errors: string[]): Promise<LabPage> {
  page.on('pageerror', error => errors.push(error.message));
  page.on('console', message => {
    if (message.type() === 'error') errors.push(`${message.text()} ${message.location().url}`);
  });
  const lab = new LabPage(page);
  await page.goto(`/lab/workspaces/beside-${errors.length}/tree/shared.ipynb?token=${token}`);
  await expect(lab.panel).toBeVisible({ timeout: 60_000 });
  await expect(page.locator('#jp-main-statusbar')).toContainText('| Idle', { timeout: 60_000 });
  return lab;
}

test('works beside execute-time, git, collaboration and language servers', async ({
  page,
  browser
}) => {
  const errors: string[] = [];
  await write(page, 'shared.ipynb', python(['import time; time.sleep(0.5)', 'a = 1']));
  const ada = await openShared(page, errors);
  const bobPage = await browser.newPage({ baseURL: `http://127.0.0.1:${besidePort}` });
  const bob = await openShared(bobPage, errors);
  await set(page, { saveMetadata: true });

  await ada.runAll();
  for (const lab of [ada, bob]) {
    await expect(lab.finishedRows).toHaveCount(2);
    await expect(lab.page.locator('.jbk-Badge')).toHaveCount(2);
  }
  expect(await row(bob, 0).getAttribute('data-joules')).toBe(
    await row(ada, 0).getAttribute('data-joules')
  );

  await expect(page.locator('.execute-time').first()).toBeVisible();
  await expect(page.locator('#jp-git-sessions')).toBeAttached();
  await expect(page.locator('.lsp-statusbar-item').first()).toBeVisible();
  // The server saves shared documents by itself.
  await expect
    .poll(async () => (await readFile(page, 'shared.ipynb'))[0]?.metadata['joulebook'])
    .toMatchObject({ kind: 'measured' });
  expect(errors).toEqual([]);
  await bobPage.close();
});
