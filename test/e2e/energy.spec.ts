import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { film } from './film.ts';
import { command } from './in-page.ts';
import { LabPage, daemonExecutions } from './lab-page.ts';
import { forget, test } from './lab-test.ts';
import { token } from './place.ts';

const notebook = '01-gradient-descent.ipynb';
const { cells } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../notebooks', notebook), 'utf8')
) as { cells: { cell_type: string }[] };
// Counted in the file: JupyterLab's page holds only the cells in view.
const codeCells = cells.filter(cell => cell.cell_type === 'code').length;
const screenshots = join(import.meta.dirname, 'screenshots');
/** What the simulated package and memory draw together, in W; the policy gives all of it to the cell. */
const watts = 110;

test.beforeAll(() => {
  mkdirSync(screenshots, { recursive: true });
});

test.describe.serial('the first notebook', () => {
  test('shows each cell with the joules of the counter', async ({ page, request }) => {
    const lab = new LabPage(page);
    await lab.open(notebook);
    await lab.runAll();
    await expect(lab.finishedRows).toHaveCount(codeCells, { timeout: 120_000 });

    const rows = await lab.rows();
    const daemon = await daemonExecutions(request, notebook);
    expect(Object.keys(rows).sort()).toEqual(Object.keys(daemon).sort());
    for (const [cell, row] of Object.entries(rows)) {
      const { total, status, start_ns, end_ns } = daemon[cell]!;
      expect(row).toMatchObject({ status, kind: 'measured' });
      expect(Number(row['joules'])).toBeCloseTo(total.joules, 6);
      expect(Number(row['low'])).toBeCloseTo(total.low, 6);
      expect(Number(row['high'])).toBeCloseTo(total.high, 6);
      const truth = (watts * (end_ns! - start_ns)) / 1e9;
      // One interval of 95 % in twenty may miss the truth, then by little.
      const slack = 0.02 * truth + 0.5;
      expect(total.low - slack).toBeLessThanOrEqual(truth);
      expect(total.high + slack).toBeGreaterThanOrEqual(truth);
    }

    const sum = Object.values(daemon).reduce((joules, { total }) => joules + total.joules, 0);
    const total = lab.panel.locator('[data-total]');
    expect(Number(await total.getAttribute('data-joules'))).toBeCloseTo(sum, 3);
    await expect(lab.panel.getByText('measured').first()).toBeVisible();
    await unfoldBlocks(lab);
    await lab.finishedRows.filter({ hasText: 'plot(' }).first().click();
    await expect(page.locator('.jp-Notebook .jbk-Plotly .main-svg').first()).toBeVisible();
    await expect(page.locator('[data-title^="Share"]')).toHaveCount(0);
  });

  test('has a badge in each executed cell, with the same value', async ({ page }) => {
    const lab = new LabPage(page);
    await lab.open(notebook);
    await expect(async () => {
      const rows = await lab.rows();
      expect(Object.keys(rows).length).toBeGreaterThan(0);
      for (const [cell, row] of Object.entries(rows)) {
        const badge = page.locator(`.jp-Notebook [data-cell-id="${cell}"][data-joules]`).first();
        const joules = await badge.getAttribute('data-joules', { timeout: 5_000 });
        expect(joules).toBe(row['joules']);
      }
    }).toPass({ timeout: 60_000 });
    const badge = page.locator('.jbk-Badge').first();
    const told = () => badge.evaluate(node => getComputedStyle(node, '::after').content);
    expect(await told()).toBe('none');
    await badge.hover();
    expect(await told()).toContain('Energy of this cell: ');
    await page.mouse.move(0, 0);
    // A notebook that is still being opened takes the focus when it is done.
    await expect(async () => {
      await badge.focus();
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.press('Tab');
      await expect(badge).toBeFocused({ timeout: 1_000 });
    }).toPass({ timeout: 30_000 });
    expect(await told()).toContain('Energy of this cell: ');
    const total = Number(await lab.panel.locator('[data-total]').getAttribute('data-joules'));
    const status = page.locator('.jbk-Status');
    expect(Number(await status.locator('button').getAttribute('data-joules'))).toBe(total);
    await expect(status).toContainText(/J.* · .*\d W/);
  });

  test('keeps its values when the tab is closed and opened again', async ({ context, baseURL }) => {
    const first = await context.newPage();
    await new LabPage(first).open(notebook);
    const before = await new LabPage(first).rows();
    await first.close();
    await forget(context, baseURL!);
    const second = await context.newPage();
    const lab = new LabPage(second);
    await lab.open(notebook);
    await expect(lab.finishedRows).toHaveCount(Object.keys(before).length);
    expect(await lab.rows()).toEqual(before);
    await second.close();
  });

  for (const theme of ['JupyterLab Light', 'JupyterLab Dark']) {
    test(`looks right in ${theme}`, async ({ page }) => {
      const lab = new LabPage(page);
      await lab.open(notebook);
      await lab.theme(theme);
      await expect(lab.finishedRows.first()).toBeVisible();
      await page.locator('.jp-CodeCell').first().scrollIntoViewIfNeeded();
      const name = theme.split(' ')[1]!.toLowerCase();
      const path = join(screenshots, `energy-panel-${name}.png`);
      if (name === 'light') await filmRun(lab);
      await page.screenshot({ path });
      if (name === 'light') keep(path, 'energy-panel.png');
    });
  }
});

/** Folds out the `measure()` blocks of a cell: no block takes more than its cell. */
async function unfoldBlocks({ panel, finishedRows }: LabPage): Promise<void> {
  const measuring = finishedRows.filter({ hasText: 'block' }).first();
  const joules = Number(await measuring.getAttribute('data-joules'));
  await measuring.getByRole('button', { name: /block/ }).click();
  const block = panel.locator('[data-measure-id]').first();
  await expect(block).toContainText(' J');
  expect(Number(await block.getAttribute('data-low'))).toBeLessThanOrEqual(joules);
  await measuring.getByRole('button', { name: /block/ }).click();
  await expect(panel.locator('[data-measure-id]')).toHaveCount(0);
}

/** Runs the notebook from a fresh kernel and films it, for the README. */
async function filmRun(lab: LabPage): Promise<void> {
  const { page } = lab;
  await command(page, 'notebook:restart-run-all');
  await page.locator('.jp-Dialog .jp-mod-accept').click();
  await expect(lab.finishedRows).toHaveCount(0);
  const path = join(screenshots, 'energy-panel-live.png');
  const clip = { x: 284, y: 28, width: 1122, height: 848 };
  writeFileSync(
    path,
    await film(page, clip, expect(lab.finishedRows).toHaveCount(codeCells, { timeout: 60_000 }))
  );
  expect(statSync(path).size).toBeLessThan(1e6);
  keep(path, 'energy-panel-live.png');
}

/** Takes a picture over into the repository, when that is wanted. */
function keep(path: string, name: string): void {
  if (process.env['JOULEBOOK_UPDATE_PICTURE']) copyFileSync(path, join(import.meta.dirname, name));
}

test('every route of the server wants the token', async ({ request }) => {
  for (const path of ['status', 'executions', 'events', 'power', 'settings', 'impact']) {
    const response = await request.get(`/joulebook/api/${path}`);
    expect([path, response.status()]).toEqual([path, 403]);
  }
  const allowed = await request.get('/joulebook/api/status', {
    headers: { Authorization: `token ${token}` }
  });
  expect(allowed.status()).toBe(200);
});
