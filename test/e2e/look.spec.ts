import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Page, expect } from '@playwright/test';
import { type Frozen, freeze } from './frozen.ts';
import { violations } from './access.ts';
import { set } from './in-page.ts';
import { LabPage } from './lab-page.ts';
import { test } from './lab-test.ts';
import { open, write } from './notebooks.ts';
import { token } from './place.ts';
import { modelledScene, scene, sceneCells } from './scene.ts';
import { pseudoLanguage } from './strings.ts';

const pictures = join(import.meta.dirname, 'screenshots');

/** The scene's notebook with its run in progress, its blocks unfolded, the costliest cell first. */
async function openScene(page: Page): Promise<LabPage> {
  await freeze(page, scene);
  const lab = await open(page, 'pruning', sceneCells);
  await set(page, { budget: 600 });
  await expect(lab.panel.locator('.jbk-Line')).toHaveCount(6);
  await lab.panel.getByLabel('Sort cells').selectOption('cost');
  await lab.panel.getByRole('button', { name: '2 blocks' }).click();
  await page.mouse.move(600, 400);
  return lab;
}

test.beforeAll(() => {
  mkdirSync(pictures, { recursive: true });
});

test.afterEach(async ({ page }) => {
  await set(page, { budget: 0, statusBarCarbon: false });
});

test('looks as it did in light and dark, and fits a narrow sidebar', async ({ page }) => {
  const lab = await openScene(page);
  const panel = page.locator('#joulebook-energy');
  for (const [theme, name] of [
    ['JupyterLab Light', 'light'],
    ['JupyterLab Dark', 'dark']
  ] as const) {
    await lab.theme(theme);
    await expect(panel).toHaveScreenshot(`panel-${name}.png`, {
      // What goes on with time is left out; fonts differ a little between machines.
      mask: ['.jbk-tone-live .jbk-meta', '.jbk-PowerChart'].map(part => lab.panel.locator(part)),
      maxDiffPixelRatio: 0.04
    });
    await panel.screenshot({ path: join(pictures, `panel-${name}.png`) });
  }
  await panel.evaluate(node => {
    Object.assign(node.style, { minWidth: '0', maxWidth: '240px' });
  });
  await page.screenshot({ path: join(pictures, 'panel-narrow.png') });
  expect(await overflowing(page)).toEqual([]);
});

/** Takes a picture of the panel, for people, and sees that nobody is shut out. */
async function look(page: Page, name: string): Promise<void> {
  await page.locator('#joulebook-energy').screenshot({ path: join(pictures, `${name}.png`) });
  expect(await violations(page, '#joulebook-energy')).toEqual([]);
  expect(await overflowing(page)).toEqual([]);
}

test('gives the doctor’s advice, and compares runs as a table and as a chart', async ({ page }) => {
  const { panel } = await openScene(page);
  await panel.getByRole('button', { name: /^Sensors/ }).click();
  await expect(panel.getByRole('list', { name: 'Sensors' })).toContainText('RAPL package 0');
  await look(page, 'panel-sensors');
  await panel.getByRole('button', { name: /^Sensors/ }).click();
  await panel.getByRole('tab', { name: 'History' }).click();
  for (const box of await panel.getByRole('checkbox').all()) await box.check();
  await expect(panel.locator('[data-key="cell-3"]')).toHaveAttribute('data-exceeds', 'true');
  await expect(panel.locator('[data-key="cell-4"]')).toHaveAttribute('data-exceeds', 'false');
  await look(page, 'panel-history');
  await panel.getByRole('button', { name: 'Show as a chart' }).click();
  for (const chart of ['compare', 'runs', 'cells', 'timeline']) {
    await panel.getByLabel('Which chart').selectOption(chart);
    await expect(panel.locator('.jbk-Figure .main-svg').first()).toBeVisible();
    await look(page, `panel-chart-${chart}`);
  }
  await expect(panel.locator('.jbk-Figure path.js-fill')).toHaveCount(5);
});

test('is calm before anything ran, and honest where nothing can be measured', async ({ page }) => {
  const nothing = { status: 200, body: { executions: [] } };
  const replies = { ...modelledScene().replies, executions: nothing };
  await freeze(page, { ...modelledScene(), replies });
  const { panel } = await open(page, 'unmeasured', sceneCells);
  await expect(panel).toContainText('Run a cell: its energy appears here as it ends.');
  await look(page, 'panel-empty');
  await page.evaluate(next => {
    const { frozen } = window as unknown as { frozen: Frozen };
    frozen.scene = next;
    frozen.end();
  }, modelledScene());
  await expect(panel.locator('.jbk-Line')).toHaveCount(4);
  await expect(panel.locator('[data-cell-id="cell-3"]')).toContainText('no figure: suspended');
  await expect(panel.locator('.jbk-Total')).toContainText('1 execution has no figure');
  await panel.getByRole('button', { name: /^Sensors/ }).click();
  await expect(panel.locator('.jbk-remedy')).toContainText('sudo chmod');
  await look(page, 'panel-modelled');
});

test('reads from right to left where the page does, and moves nothing where that is unwanted', async ({
  page
}) => {
  const lab = await openScene(page);
  expect(await moving(page)).not.toEqual([]);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  expect(await moving(page)).toEqual([]);
  await page.evaluate(() => {
    document.documentElement.dir = 'rtl';
  });
  const prompt = await lab.panel.locator('.jbk-prompt').first().boundingBox();
  const energy = await lab.panel.locator('.jbk-Line .jbk-energy').first().boundingBox();
  expect(prompt!.x).toBeGreaterThan(energy!.x);
  const bar = lab.panel.locator('.jbk-Line .jbk-bar').first();
  const [track, first] = [await bar.boundingBox(), await bar.locator('i').first().boundingBox()];
  expect(first!.x + first!.width).toBeCloseTo(track!.x + track!.width, 0);
  expect(await overflowing(page)).toEqual([]);
  await page.screenshot({ path: join(pictures, 'panel-rtl.png') });
});

/** What has a transition or an animation. */
function moving(page: Page): Promise<string[]> {
  return page.locator('#joulebook-energy *').evaluateAll(nodes =>
    nodes
      .filter(node => {
        const { animationName, transitionDuration } = getComputedStyle(node);
        return animationName !== 'none' || !/^0s(, 0s)*$/.test(transitionDuration);
      })
      .map(node => node.getAttribute('class') ?? '')
  );
}

/** What is wider than the panel, or runs out of it. */
function overflowing(page: Page): Promise<string[]> {
  return page.locator('#joulebook-energy').evaluate(panel => {
    const { left, right } = panel.getBoundingClientRect();
    return [...panel.querySelectorAll('*')]
      .filter(node => !node.closest('.jbk-hidden, svg'))
      .filter(node => {
        const box = node.getBoundingClientRect();
        return box.width > 0 && (box.left < left - 1 || box.right > right + 1);
      })
      .map(node => `${node.className} ${node.textContent?.slice(0, 40)}`);
  });
}

test('shows carbon where a zone is set, and asks for one where none is', async ({ page }) => {
  const lab = await openScene(page);
  const carbon = lab.panel.locator('.jbk-carbon');
  const joules = Number(await lab.panel.locator('[data-total]').getAttribute('data-joules'));
  const grams = Number(await carbon.getAttribute('data-grams'));
  expect(grams).toBeCloseTo((joules / 3.6e6) * 184, 9);
  await expect(carbon).toContainText('mg CO₂e');
  await expect(carbon).toHaveAttribute('title', /Great Britain: 184 g\/kWh/);
  await lab.panel.getByRole('tab', { name: 'Impact' }).click();
  await expect(lab.panel.getByRole('img', { name: /Carbon now/ })).toBeVisible();
  await look(page, 'panel-impact');
  await lab.panel.getByRole('tab', { name: 'This run' }).click();
  await expect(page.locator('.jbk-Status')).not.toContainText('CO₂e');
  await set(page, { statusBarCarbon: true });
  await expect(page.locator('.jbk-Status')).toContainText('mg CO₂e');
  await page.evaluate(() => {
    const { frozen } = window as unknown as { frozen: Frozen };
    delete frozen.scene.replies['impact'];
    frozen.end();
  });
  await expect(carbon).toHaveCount(0);
  await lab.panel.getByRole('button', { name: 'choose a zone' }).click();
  await expect(page.getByText('Zone of the electricity').first()).toBeVisible();
});

test('has every text from the translator', async ({ page }) => {
  const translation = '/lab/api/settings/@jupyterlab/translation-extension:plugin';
  const language = (locale: string) =>
    page.request.put(translation, {
      headers: { Authorization: `token ${token}` },
      data: { raw: JSON.stringify({ locale }) }
    });
  await page.route('**/lab/api/translations/eo*', route =>
    route.fulfill({ json: { data: { joulebook_lab: pseudoLanguage() }, message: '' } })
  );
  await language('eo');
  try {
    await freeze(page, scene);
    await write(page, 'pruning.ipynb', sceneCells);
    await page.goto(`/lab/workspaces/pseudo/tree/pruning.ipynb?token=${token}`);
    const panel = page.locator('#joulebook-energy');
    await expect(panel).toBeVisible({ timeout: 60_000 });
    await expect(panel.locator('.jbk-Line')).toHaveCount(6);
    await set(page, { budget: 600, statusBarCarbon: true });
    for (const tab of await panel.getByRole('tab').all()) {
      await tab.click();
      if ((await tab.textContent())?.includes('Charts')) {
        await panel.locator('.main-svg').first().waitFor();
      }
      expect(await untranslated(page)).toEqual([]);
    }
  } finally {
    await language('default');
  }
});

/** Texts, names and titles of the extension in which words stand outside the translator's brackets. */
async function untranslated(page: Page): Promise<string[]> {
  const said = await page.locator('#joulebook-energy, .jbk-Badge, .jbk-Status').evaluateAll(parts =>
    parts.flatMap(part => {
      const nodes = [part, ...part.querySelectorAll('*')].filter(
        node => !node.closest('.modebar, .xtick, .ytick') && node.tagName !== 'style'
      );
      const named = nodes.flatMap(node =>
        ['aria-label', 'title', 'data-meaning'].map(name => node.getAttribute(name) ?? '')
      );
      const texts = nodes.flatMap(node =>
        [...node.childNodes]
          .filter(child => child.nodeType === Node.TEXT_NODE)
          .map(child => child.textContent ?? '')
      );
      return [...named, ...texts];
    })
  );
  const data = [...sceneCells.map(cell => cell.source), 'pruning.ipynb', 'TypeScript (GPU)'];
  data.push('warm-up, 100 iterations', '900 iterations', 'joulebook-typescript', 'PM', 'AM');
  return said.filter(text => {
    let rest = data.reduce((left, known) => left.replaceAll(known, ''), text);
    while (/⟦[^⟦⟧]*⟧/.test(rest)) rest = rest.replace(/⟦[^⟦⟧]*⟧/g, '');
    rest = rest.replace(/\b(J|kJ|Wh|mWh|W|s|ms|min|h|x1)\b/g, '');
    return /\p{L}/u.test(rest);
  });
}
