import { join } from 'node:path';
import { expect } from '@playwright/test';
import { freeze } from './frozen.ts';
import { command } from './in-page.ts';
import { networkTo } from './network.ts';
import { open, row, TYPESCRIPT, write } from './notebooks.ts';
import { LabPage } from './lab-page.ts';
import { test } from './lab-test.ts';
import { port, token } from './place.ts';
import { thousandScene } from './scene.ts';

test('says that the meter is gone, finds it again, and loses no row', async ({ page }) => {
  const lab = await open(page, 'killed', ['a = 1', 'import time; time.sleep(6)', 'c = 3']);
  const status = await page.request.get('/joulebook/api/status', {
    headers: { Authorization: `token ${token}` }
  });
  const { pid } = (await status.json()) as { pid: number };
  await lab.runAll();
  await expect(row(lab, 0)).toHaveAttribute('data-status', 'ok');
  await expect(row(lab, 1)).toHaveAttribute('data-status', 'running');
  process.kill(pid, 'SIGKILL');
  await expect(lab.panel.getByRole('alert')).toBeVisible();
  await expect(lab.panel.getByRole('alert')).toHaveCount(0);
  for (const cell of [0, 1, 2]) {
    await expect(row(lab, cell)).toHaveAttribute('data-status', /ok|lost/);
  }
});

test('loses no row while the network is away', async ({ browser }) => {
  const network = await networkTo(port);
  const context = await browser.newContext({ baseURL: network.origin });
  try {
    const page = await context.newPage();
    const lab = await open(page, 'network', ['import time; time.sleep(4)', 'b = 2']);
    await lab.runAll();
    await expect(row(lab, 0)).toHaveAttribute('data-status', 'running');
    network.cut();
    await expect(lab.panel.getByRole('alert')).toContainText('connection');
    network.mend();
    for (const cell of [0, 1]) await expect(row(lab, cell)).toHaveAttribute('data-status', 'ok');
    await expect(lab.panel.getByRole('alert')).toHaveCount(0);
  } finally {
    await context.close();
    network.close();
  }
});

test('keeps badges with their cells when only cells in view are in the page', async ({ page }) => {
  const sources = Array.from({ length: 40 }, (_, index) => `x = ${index}\n`.repeat(12));
  await page.request.put('/lab/api/settings/@jupyterlab/notebook-extension:tracker', {
    headers: { Authorization: `token ${token}` },
    data: { raw: JSON.stringify({ windowingMode: 'full' }) }
  });
  const lab = await open(page, 'windowed', sources);
  await lab.runAll();
  await expect(lab.panel.getByText('40 cells')).toBeVisible();
  const cells = page.locator('.jp-CodeCell');
  await row(lab, 39).click();
  await expect(page.locator('.jbk-Badge[data-cell-id="cell-39"]')).toBeVisible();
  // JupyterLab takes cells out of view by hiding them.
  await expect.poll(() => cells.filter({ visible: true }).count()).toBeLessThan(40);
  await row(lab, 0).click();
  const first = page.locator('.jbk-Badge[data-cell-id="cell-0"]');
  await expect(first).toHaveCount(1);
  await expect(cells.filter({ has: first })).toContainText('x = 0');
});

test('draws of a thousand cells only those in sight', async ({ page }) => {
  await freeze(page, thousandScene());
  const sources = Array.from({ length: 1_000 }, (_, i) => ({
    ...{ id: `cell-${i + 1}`, source: `x = ${i + 1}` }
  }));
  const lab = await open(page, 'thousand', sources);
  await expect(lab.panel.locator('.jbk-Tools')).toContainText('1000 cells');
  const lines = lab.panel.locator('.jbk-Line');
  await lines.first().focus();
  await page.keyboard.press('End');
  await expect(row(lab, 1_000)).toBeFocused();
  expect(await lines.count()).toBeLessThan(60);
  await page.keyboard.press('Enter');
  await expect(page.locator('.jp-Cell.jp-mod-active .cm-content')).toContainText('x = 1000');
});

test('works in Notebook 7', async ({ page }) => {
  const lab = new LabPage(page);
  const pause = { id: 'cell-0', source: 'await new Promise(r => setTimeout(r, 500)); 6 + 1' };
  await write(page, 'seven.ipynb', [pause], TYPESCRIPT);
  await page.goto(`/notebooks/seven.ipynb?token=${token}`);
  await page.locator('.jp-CodeCell').first().click({ timeout: 60_000 });
  await page.getByRole('menuitem', { name: 'View', exact: true }).click();
  await page.getByText('Right Sidebar', { exact: true }).hover();
  await page.getByRole('menuitem', { name: 'Energy' }).click();
  await expect(lab.panel).toBeVisible();
  await page.locator('.jp-CodeCell').first().click();
  await page.keyboard.press('Shift+Enter');
  await expect(lab.finishedRows).toHaveCount(1);
  await expect(page.locator('.jbk-Badge')).toHaveCount(1);
  await expect(page.locator('.jp-OutputArea-output')).toHaveText('7');
  await page.screenshot({ path: join(import.meta.dirname, 'screenshots/notebook-7.png') });
});

test('fetches plotly only with the first chart', async ({ page }) => {
  const largest = (): Promise<number> =>
    page.evaluate(() =>
      Math.max(
        0,
        ...performance
          .getEntriesByType('resource')
          .filter(entry => entry.name.includes('/joulebook-lab/static/'))
          .map(entry => (entry as PerformanceResourceTiming).decodedBodySize)
      )
    );
  await page.addInitScript(() => performance.setResourceTimingBufferSize(5_000));
  const lab = await open(page, 'charts', ['import time; time.sleep(0.5)']);
  await lab.runAll();
  await expect(lab.finishedRows).toHaveCount(1);
  expect(await largest()).toBeGreaterThan(1e4);
  expect(await largest()).toBeLessThan(1e6);
  await lab.panel.getByRole('tab', { name: 'Charts' }).click();
  await expect(lab.panel.locator('.jbk-Figure .main-svg').first()).toBeVisible();
  expect(await largest()).toBeGreaterThan(1e6);
  // Plotly lays a surface for the pointer over what it draws.
  await lab.panel.locator('.jbk-Figure path.js-fill').first().hover({ force: true });
  await expect(lab.panel.locator('.hoverlayer')).toContainText('[1] import time');
  const download = page.waitForEvent('download');
  await lab.panel.locator('[data-title^="Download plot"]').click();
  expect((await download).suggestedFilename()).toBe('energy-timeline.png');
});

test('comes back with the workspace as it was left', async ({ page }) => {
  const lab = await open(page, 'restored', ['a = 1']);
  const kept = async (key: string): Promise<unknown> => {
    const headers = { Authorization: `token ${token}` };
    const response = await page.request.get('/lab/api/workspaces/restored', { headers });
    return ((await response.json()) as { data?: Record<string, unknown> }).data?.[key];
  };
  await lab.panel.getByRole('tab', { name: 'History' }).click();
  await expect.poll(() => kept('joulebook-lab:panel')).toMatchObject({ page: 'history' });
  await page.reload();
  await expect(lab.panel.getByRole('tab', { name: 'History', selected: true })).toBeVisible({
    timeout: 60_000
  });
  await command(page, 'application:toggle-right-area');
  await expect(lab.panel).toBeHidden();
  await expect
    .poll(() => kept('layout-restorer:data'))
    .toMatchObject({ right: { collapsed: true } });
  await page.reload();
  await expect(page.locator('#jp-main-statusbar')).toContainText('| Idle', { timeout: 60_000 });
  await expect(lab.panel).toBeHidden();
});
