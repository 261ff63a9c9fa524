import { expect } from '@playwright/test';
import { violations } from './access.ts';
import { command, save, set } from './in-page.ts';
import { open, readFile, row } from './notebooks.ts';
import { token } from './place.ts';
import { test } from './shared.ts';

test('counts a running cell, lets others wait, and says how each ended', async ({ page }) => {
  const lab = await open(page, 'states', ['import time; time.sleep(3)', '1 / 0', '2 + 2']);
  await lab.runAll();
  await expect(row(lab, 0)).toHaveAttribute('data-status', 'running');
  await expect(row(lab, 0)).toContainText('and counting');
  await expect(row(lab, 1)).toHaveAttribute('data-status', 'queued');
  await expect(row(lab, 0)).toHaveAttribute('data-status', 'ok');
  await expect(row(lab, 1)).toContainText('failed after');
  await expect(row(lab, 2)).toContainText('not run: an earlier cell failed');
  await expect(page.locator('.jbk-Badge[data-cell-id="cell-2"]')).toHaveText('not run');
  await lab.panel.getByLabel('Filter cells').selectOption('failed');
  await expect(row(lab, 0)).toHaveCount(0);
  await expect(row(lab, 2)).toHaveCount(0);
  await expect(row(lab, 1)).toBeVisible();
  await lab.panel.getByLabel('Filter cells').selectOption('memory');
  await expect(row(lab, 0)).toBeVisible();
  await lab.panel.getByLabel('Filter cells').selectOption('other');
  await expect(row(lab, 0)).toHaveCount(0);
  await lab.panel.getByLabel('Filter cells').selectOption('all');
});

test('says of interrupted and dead kernels what became of their cells', async ({ page }) => {
  const death = 'import os, time; time.sleep(0.5); os.kill(os.getpid(), 9)';
  const lab = await open(page, 'ends', ['import time; time.sleep(60)', death]);
  await lab.runAll();
  await expect(row(lab, 0)).toHaveAttribute('data-status', 'running');
  await command(page, 'notebook:interrupt-kernel');
  await expect(row(lab, 0)).toContainText('interrupted after');
  await page.locator('.jp-CodeCell').nth(1).click();
  await command(page, 'notebook:run-cell');
  await expect(row(lab, 1)).toContainText('the kernel died after');
  await page.locator('.jp-Dialog .jp-mod-accept').click();
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

test('keeps the badge with its cell when cells move and are split', async ({ page }) => {
  const lab = await open(page, 'moves', ['a = 1\nb = 2', 'c = 3']);
  await lab.runAll();
  await expect(lab.finishedRows).toHaveCount(2);
  const cells = page.locator('.jp-CodeCell');
  const badge = page.locator('.jbk-Badge[data-cell-id="cell-0"]');
  await cells.first().locator('.cm-content').click();
  await page.keyboard.press('Escape');
  await command(page, 'notebook:move-cell-down');
  await expect(cells.nth(1).locator('.cm-content')).toContainText('b = 2');
  await expect(cells.nth(1)).toHaveAttribute('class', /jp-mod-active/);
  await expect(cells.filter({ has: badge })).toContainText('b = 2');
  await expect(lab.panel.locator('.jbk-Line').last()).toHaveAttribute('data-cell-id', 'cell-0');
  await cells.nth(1).locator('.cm-line').first().click();
  await page.keyboard.press('End');
  await command(page, 'notebook:split-cell-at-cursor');
  await expect(cells).toHaveCount(3);
  await expect(row(lab, 0)).toContainText('edited since it was measured');
  await expect(page.locator('.jbk-Badge')).toHaveCount(2);
  await expect(cells.filter({ has: badge })).toHaveText(/b = 2/);
});

test('goes from a row to its cell by the keyboard, and from a cell to its row', async ({
  page
}) => {
  const lab = await open(page, 'keys', ['a = 1', 'b = 2', 'c = 3']);
  await lab.runAll();
  await expect(lab.finishedRows).toHaveCount(3);
  await row(lab, 0).focus();
  await page.keyboard.press('ArrowDown');
  await expect(row(lab, 1)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('.jp-Cell.jp-mod-active .cm-content')).toContainText('b = 2');
  await expect(row(lab, 1)).toHaveClass(/jbk-mod-selected/);
  await expect(page.locator('.jp-Cell.jp-mod-active:focus-within')).toContainText('b = 2');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('.jp-Cell.jp-mod-active .cm-content')).toContainText('c = 3');
  await page.keyboard.press('Control+Alt+k');
  await expect(row(lab, 2)).toBeFocused();
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

test('follows the settings at once, and hands the daemon its own', async ({ page }) => {
  const lab = await open(page, 'settings', ['import time; time.sleep(0.5)']);
  await lab.runAll();
  await expect(lab.finishedRows).toHaveCount(1);
  const badge = page.locator('.jbk-Badge');
  await expect(badge).toHaveCount(1);
  await command(page, 'joulebook:toggle-badges');
  await expect(badge).toHaveCount(0);
  await set(page, { badges: 'inside' });
  await expect(badge).toHaveClass(/jbk-mod-inside/);
  await set(page, { badges: 'below' });
  await expect(row(lab, 0).locator('.jbk-energy')).toContainText(' J');
  await set(page, { unit: 'Wh' });
  await expect(row(lab, 0).locator('.jbk-energy')).toContainText('Wh');
  await set(page, { intervals: false, unit: 'auto' });
  await expect(row(lab, 0).locator('.jbk-energy small')).toHaveText('');
  await set(page, { intervals: true, policy: 'share-idle', retentionDays: 30 });
  const settings = async (): Promise<unknown> => {
    const headers = { Authorization: `token ${token}` };
    return (await page.request.get('/joulebook/api/settings', { headers })).json();
  };
  await expect.poll(settings).toMatchObject({ policy: 'share-idle', retention_days: 30 });
  await set(page, { policy: 'exclusive', retentionDays: 0 });
  await expect.poll(settings).toMatchObject({ policy: 'exclusive', retention_days: 0 });
  await set(page, { policy: 'keep', retentionDays: null });
  const carbon = lab.panel.locator('.jbk-carbon');
  await expect(carbon).toHaveCount(0);
  await set(page, { carbonZone: 'Atlantis' });
  const refused = page.locator('.Toastify__toast').filter({ hasText: 'does not take a setting' });
  await expect(refused).toContainText('Atlantis');
  await set(page, { carbonZone: 'GB' });
  await expect(carbon).toContainText('CO₂e');
  await set(page, { carbonZone: 'none' });
  await expect(carbon).toHaveCount(0);
  await set(page, { carbonZone: '' });
});

test('is found in launcher, palette, context menu, shortcuts and Running panel', async ({
  page
}) => {
  const lab = await open(page, 'places', ['a = 1', 'import time; time.sleep(30)']);
  await command(page, 'apputils:activate-command-palette');
  await page.getByPlaceholder('SEARCH', { exact: true }).fill('energy');
  for (const name of [
    'Show the Energy Panel',
    'Set an Energy Budget',
    'Go to the Cell That Cost'
  ]) {
    await expect(page.locator('.lm-CommandPalette-item').filter({ hasText: name })).toBeVisible();
  }
  await page.keyboard.press('Escape');
  await lab.runAll();
  await expect(row(lab, 1)).toHaveAttribute('data-status', 'running');
  await page.locator('.jp-CodeCell').first().click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Energy of This Cell' }).click();
  await expect(row(lab, 0)).toBeFocused();
  await command(page, 'running:show-panel');
  const power = page.getByRole('region', { name: 'Kernel Power' }).getByRole('treeitem');
  await expect(power.filter({ hasText: 'places.ipynb' })).toContainText(/\d W/);
  await command(page, 'notebook:interrupt-kernel');
  await command(page, 'filebrowser:activate');
  await command(page, 'application:toggle-right-area');
  await expect(lab.panel).toBeHidden();
  await page.locator('.jp-CodeCell').first().click();
  await page.keyboard.press('Control+Alt+j');
  await expect(lab.panel).toBeVisible();
  await command(page, 'launcher:create');
  await expect(page.locator('.jp-LauncherCard').filter({ hasText: 'Energy Panel' })).toBeVisible();
});

test('gives notice of a spent budget, and interrupts only when asked', async ({ page }) => {
  const lab = await open(page, 'budget', ['import time; time.sleep(3)', 'b = 2', 'time.sleep(60)']);
  const runNext = () => command(page, 'notebook:run-cell-and-select-next');
  await runNext();
  await expect(row(lab, 0)).toHaveAttribute('data-status', 'ok');
  const used = Number(await row(lab, 0).getAttribute('data-joules'));
  const budget = String(Math.round(used / 0.85));
  await command(page, 'joulebook:set-budget');
  await page.locator('.jp-Dialog input').fill(budget);
  await page.locator('.jp-Dialog').getByRole('button', { name: 'Ok' }).click();
  await expect(lab.panel.getByText(/^budget \d/)).toBeVisible();
  await runNext();
  await expect(page.getByText(/most of its energy budget/).first()).toBeVisible();
  await runNext();
  const notice = page.locator('.Toastify__toast').filter({ hasText: 'all of its energy budget' });
  await expect(notice.getByRole('button', { name: 'Continue' })).toBeVisible();
  await expect(row(lab, 2)).toHaveAttribute('data-status', 'running');
  await notice.getByRole('button', { name: 'Interrupt' }).click();
  await expect(row(lab, 2)).toHaveAttribute('data-status', 'interrupted');
});

test('writes energies into the file only when asked, and clears them again', async ({ page }) => {
  const lab = await open(page, 'metadata', ['import time; time.sleep(0.5)']);
  const saved = async () => (await readFile(page, 'metadata.ipynb'))[0]!.metadata;
  await lab.runAll();
  await expect(lab.finishedRows).toHaveCount(1);
  const joules = Number(await row(lab, 0).getAttribute('data-joules'));
  await save(page);
  expect(await saved()).not.toHaveProperty('joulebook');
  await set(page, { saveMetadata: true });
  await save(page);
  expect((await saved())['joulebook']).toMatchObject({ kind: 'measured' });
  const { joules: written } = (await saved())['joulebook'] as { joules: number };
  expect(written / joules).toBeCloseTo(1, 3);
  await command(page, 'joulebook:clear-metadata');
  await expect(page.getByText('had an energy in its metadata').first()).toBeVisible();
  await set(page, { saveMetadata: false });
  await save(page);
  expect(await saved()).not.toHaveProperty('joulebook');
});

test('shows hostile cells as text', async ({ page }) => {
  const hostile = [
    `'<img src=x onerror="window.pwned = 1">'`,
    `'</script><script>pwned=1</script>'`
  ];
  const held = { '<img src=x onerror="window.pwned = 1">': '<script>window.pwned = 1</script>' };
  const lab = await open(page, 'hostile', [
    { id: 'cell-0', source: hostile[0]!, metadata: { joulebook: held, ...held } },
    { id: 'cell-1', source: hostile[1]!, metadata: { joulebook: '<b onclick=alert(1)>' } },
    { id: 'cell-2', source: `x = '${'y'.repeat(5_000_000)}'` }
  ]);
  await lab.runAll();
  await expect(lab.finishedRows).toHaveCount(3);
  await expect(row(lab, 0)).toContainText(hostile[0]!);
  await page.locator('.jbk-Badge').first().hover();
  await lab.panel.getByRole('tab', { name: 'Charts' }).click();
  await lab.panel.getByLabel('Which chart').selectOption('cells');
  await expect(lab.panel.locator('.jbk-Figure .main-svg').first()).toBeVisible();
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
});

test('tells apart cells that share an id, and finds cells that have none', async ({ page }) => {
  const twins = [
    { id: 'twin', source: 'import time; time.sleep(0.3)' },
    { id: 'twin', source: 'b = 2' }
  ];
  const lab = await open(page, 'twins', twins);
  await lab.runAll();
  await expect(lab.finishedRows).toHaveCount(2);
  await expect(page.locator('.jbk-Badge')).toHaveCount(2);
  const old = await open(page, 'nameless', [{ source: 'a = 1' }, { source: 'b = 2' }]);
  await old.runAll();
  await expect(old.finishedRows).toHaveCount(2);
  // The cells get other ids when the file is read again.
  await command(page, 'docmanager:reload');
  await page.locator('.jp-Dialog .jp-mod-accept').click();
  await expect(page.locator('.jp-InputPrompt').first()).toHaveText('[ ]:');
  await expect(old.finishedRows).toHaveCount(2);
  await expect(page.locator('.jbk-Badge')).toHaveCount(2);
});

test('puts nothing into the notebook when badges are off', async ({ page }) => {
  const lab = await open(page, 'off', ['a = 1']);
  await set(page, { badges: 'off' });
  await lab.runAll();
  await expect(lab.finishedRows).toHaveCount(1);
  await expect(page.locator('.jp-Notebook [class*="jbk-"]')).toHaveCount(0);
  await set(page, { badges: 'below' });
  await expect(page.locator('.jbk-Badge')).toHaveCount(1);
});

test('shows the same badge in every view of a notebook', async ({ page }) => {
  const lab = await open(page, 'views', ['import time; time.sleep(0.5)']);
  await lab.runAll();
  await expect(lab.finishedRows).toHaveCount(1);
  await command(page, 'docmanager:clone');
  const badges = page.locator('.jbk-Badge[data-cell-id="cell-0"]');
  await expect(badges).toHaveCount(2);
  const joules = await row(lab, 0).getAttribute('data-joules');
  for (const badge of await badges.all())
    await expect(badge).toHaveAttribute('data-joules', joules!);
});

test('has nothing in the way of assistive technology, in light and dark', async ({ page }) => {
  const lab = await open(page, 'access', ['import time; time.sleep(0.5)', '1 / 0']);
  await lab.runAll();
  await expect(lab.finishedRows).toHaveCount(1);
  await expect(row(lab, 1)).toContainText('failed');
  for (const theme of ['JupyterLab Dark', 'JupyterLab Light']) {
    await lab.theme(theme);
    for (const name of ['This run', 'History', 'Charts', 'Impact']) {
      await lab.panel.getByRole('tab', { name }).click();
      if (name === 'Charts') await lab.panel.locator('.main-svg').first().waitFor();
      expect(await violations(page, '#joulebook-energy')).toEqual([]);
    }
    expect(await violations(page, '.jbk-Badge')).toEqual([]);
    expect(await violations(page, '.jbk-Status')).toEqual([]);
  }
});
