import { expect, test } from '@playwright/test';
import { command, open, row, save } from './notebooks.ts';
import { token } from './place.ts';

test('counts a running cell, lets others wait, and says how each ended', async ({ page }) => {
  const lab = await open(page, 'states', ['import time; time.sleep(3)', '1 / 0', '2 + 2']);
  await lab.runAll();
  await expect(row(lab, 0)).toHaveAttribute('data-status', 'running');
  await expect(row(lab, 0)).toContainText('and counting');
  await expect(row(lab, 1)).toHaveAttribute('data-status', 'queued');
  await expect(row(lab, 0)).toHaveAttribute('data-status', 'ok');
  await expect(row(lab, 1)).toContainText('failed after');
  await lab.panel.getByLabel('Filter cells').selectOption('failed');
  await expect(row(lab, 0)).toHaveCount(0);
  await expect(row(lab, 1)).toBeVisible();
});

test('marks an edited cell as stale and keeps a deleted one in the total', async ({ page }) => {
  const lab = await open(page, 'edits', ['a = 1', 'b = 2']);
  await lab.runAll();
  await expect(lab.finishedRows).toHaveCount(2);
  const total = await lab.panel.locator('[data-total]').getAttribute('data-joules');
  await page.locator('.jp-CodeCell .cm-content').first().click();
  await page.keyboard.type('# edited ');
  await expect(row(lab, 0)).toContainText('edited since it was measured');
  await page.keyboard.press('Escape');
  await command(page, 'notebook:move-cursor-down');
  await command(page, 'notebook:delete-cell');
  await expect(row(lab, 1)).toHaveCount(0);
  await expect(lab.panel.locator('[data-part="gone"]')).toHaveAttribute('data-count', '1');
  expect(await lab.panel.locator('[data-total]').getAttribute('data-joules')).toBe(total);
});

test('goes from a row to its cell by the keyboard alone', async ({ page }) => {
  const lab = await open(page, 'keys', ['a = 1', 'b = 2', 'c = 3']);
  await lab.runAll();
  await expect(lab.finishedRows).toHaveCount(3);
  await row(lab, 0).focus();
  await page.keyboard.press('ArrowDown');
  await expect(row(lab, 1)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('.jp-Cell.jp-mod-active .cm-content')).toContainText('b = 2');
  await expect(row(lab, 1)).toHaveClass(/jbk-mod-selected/);
});

test('compares two runs', async ({ page }) => {
  const lab = await open(page, 'runs', ['import time; time.sleep(0.5)']);
  await lab.runAll();
  await expect(lab.finishedRows).toHaveCount(1);
  await command(page, 'kernelmenu:restart');
  await page.locator('.jp-Dialog .jp-mod-accept').click();
  await lab.panel.getByRole('tab', { name: 'History' }).click();
  await expect(page.locator('#jp-main-statusbar')).toContainText('| Idle');
  await lab.runAll();
  const runs = lab.panel.locator('[data-run-id]');
  await expect(runs).toHaveCount(2);
  for (const box of await runs.getByRole('checkbox').all()) await box.check();
  await expect(lab.panel.locator('[data-key="cell-0"][data-change]')).toBeVisible();
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
});

test('follows the settings at once', async ({ page }) => {
  const lab = await open(page, 'settings', ['import time; time.sleep(0.5)']);
  await lab.runAll();
  await expect(lab.finishedRows).toHaveCount(1);
  await expect(page.locator('.jbk-Badge')).toHaveCount(1);
  await command(page, 'joulebook:toggle-badges');
  await expect(page.locator('.jbk-Badge')).toHaveCount(0);
  await command(page, 'joulebook:toggle-badges');
  await expect(page.locator('.jbk-Badge')).toHaveCount(1);
});

test('gives notice at a spent budget and interrupts nothing by itself', async ({ page }) => {
  const lab = await open(page, 'budget', ['import time; time.sleep(4)']);
  await command(page, 'joulebook:set-budget');
  await page.locator('.jp-Dialog input').fill('50');
  await page.locator('.jp-Dialog').getByRole('button', { name: 'Ok' }).click();
  await expect(lab.panel.getByText('budget 50')).toBeVisible();
  await lab.runAll();
  await expect(page.getByText(/all of its energy budget/).first()).toBeVisible();
  await expect(row(lab, 0)).toHaveAttribute('data-status', 'ok');
});

test('writes energies into the file only when asked, and clears them again', async ({ page }) => {
  const lab = await open(page, 'metadata', ['import time; time.sleep(0.5)']);
  const saved = async (): Promise<Record<string, unknown>> => {
    const response = await page.request.get('/api/contents/metadata.ipynb', {
      headers: { Authorization: `token ${token}` }
    });
    const { content } = (await response.json()) as {
      content: { cells: { metadata: Record<string, unknown> }[] };
    };
    return content.cells[0]!.metadata;
  };
  await lab.runAll();
  await expect(lab.finishedRows).toHaveCount(1);
  const joules = Number(await row(lab, 0).getAttribute('data-joules'));
  await page.evaluate(() =>
    (
      window as unknown as {
        jupyterapp: { serviceManager: { settings: { save(id: string, raw: string): unknown } } };
      }
    ).jupyterapp.serviceManager.settings.save('joulebook-lab:energy', '{"saveMetadata": true}')
  );
  await save(page);
  expect(await saved()).not.toHaveProperty('joulebook');
  await page.reload();
  await expect(lab.finishedRows).toHaveCount(1);
  await save(page);
  expect((await saved())['joulebook']).toMatchObject({ kind: 'measured' });
  const { joules: written } = (await saved())['joulebook'] as { joules: number };
  expect(written).toBeCloseTo(joules, 1);
  await command(page, 'joulebook:clear-metadata');
  await expect(page.getByText('had an energy in its metadata').first()).toBeVisible();
});

test('shows hostile cells as text', async ({ page }) => {
  const hostile = [
    `'<img src=x onerror="window.pwned = 1">'`,
    `'</script><script>pwned=1</script>'`
  ];
  const lab = await open(page, 'hostile', [...hostile, `x = '${'y'.repeat(5_000_000)}'`]);
  await lab.runAll();
  await expect(lab.finishedRows).toHaveCount(3);
  await expect(row(lab, 0)).toContainText(hostile[0]!);
  const pwned = await page.evaluate(() => 'pwned' in window);
  expect(pwned).toBe(false);
});
