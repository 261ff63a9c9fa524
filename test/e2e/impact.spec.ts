import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Page, expect } from '@playwright/test';
import { violations } from './access.ts';
import { freeze } from './frozen.ts';
import { set } from './in-page.ts';
import type { LabPage } from './lab-page.ts';
import { test } from './lab-test.ts';
import { open } from './notebooks.ts';
import { token } from './place.ts';
import { scene, sceneCells } from './scene.ts';

const screenshots = join(import.meta.dirname, 'screenshots');
const JOULES_PER_KWH = 3.6e6;

test.beforeAll(() => {
  mkdirSync(screenshots, { recursive: true });
});

const line = (lab: LabPage, impact: string) => lab.panel.locator(`[data-impact="${impact}"]`);

test('tells what the joules of a run mean, each impact by itself', async ({ page }) => {
  await freeze(page, scene);
  const lab = await open(page, 'impacts', sceneCells);
  await expect(lab.panel.locator('.jbk-Line')).toHaveCount(6);
  const joules = Number(await lab.panel.locator('[data-total]').getAttribute('data-joules'));

  await lab.panel.getByRole('tab', { name: 'This run' }).focus();
  await page.keyboard.press('ArrowLeft');
  await expect(lab.panel.getByRole('tab', { name: 'Impact' })).toBeFocused();

  const milligrams = Number(((joules / JOULES_PER_KWH) * 184 * 1000).toPrecision(2));
  await expect(line(lab, 'location').locator('.jbk-value')).toHaveText(
    new RegExp(`^${milligrams} mg \\(.* to .*, modelled\\)$`)
  );
  await expect(line(lab, 'location')).toContainText(
    'Great Britain: 184 g/kWh, average, 10 min old, PUE 1'
  );
  await expect(line(lab, 'money').locator('.jbk-value')).toHaveText(/^0\.0000\d+ GBP \(/);
  await expect(line(lab, 'water').locator('.jbk-value')).toHaveText(/ [mµ]L \(.*modelled\)$/);
  await expect(line(lab, 'machine').locator('.jbk-value')).toHaveText('—');
  await expect(line(lab, 'network')).toContainText('attributed');
  await expect(line(lab, 'market')).toHaveCount(0);
  expect(await violations(page, '#joulebook-energy')).toEqual([]);
  await lab.panel.screenshot({ path: join(screenshots, 'panel-impact.png') });

  await lab.panel.getByRole('button', { name: 'Zone, price, machine: settings' }).click();
  await expect(page.getByText('Zone of the electricity').first()).toBeVisible();
});

/** What the daemon itself computes impacts with. */
async function figures(page: Page): Promise<{ zone: string | null; carbon: { value: number } }> {
  const response = await page.request.get('/joulebook/api/impact', {
    headers: { Authorization: `token ${token}` }
  });
  return (await response.json()) as { zone: string | null; carbon: { value: number } };
}

test('tells the carbon, water and machine of what ran, from the settings on', async ({ page }) => {
  const lab = await open(page, 'zone', ['import time; time.sleep(0.5)']);
  await lab.runAll();
  await expect(lab.finishedRows).toHaveCount(1);
  await lab.panel.getByRole('tab', { name: 'Impact' }).click();
  await expect(line(lab, 'location')).toContainText('choose a zone in the settings');
  await expect(line(lab, 'location').locator('.jbk-value')).toHaveText('—');
  try {
    await set(page, { carbonZone: 'DE', device: 'laptop', supplierGramsPerKwh: 20 });
    await expect(line(lab, 'location')).toContainText('Germany');
    const joules = Number(await lab.panel.locator('[data-total]').getAttribute('data-joules'));
    expect(joules).toBeGreaterThan(0);
    const { zone, carbon } = await figures(page);
    expect(zone).toBe('DE');
    const grams = Number(await lab.panel.locator('.jbk-carbon').getAttribute('data-grams'));
    expect(grams).toBeCloseTo((joules / JOULES_PER_KWH) * carbon.value, 9);
    await expect(line(lab, 'market')).toContainText("by the supplier's contract, 20 g/kWh");
    await expect(line(lab, 'machine').locator('.jbk-value')).toHaveText(/ \(.*, attributed\)$/);
    await expect(line(lab, 'score')).toContainText('operational');
  } finally {
    await set(page, { carbonZone: '', device: 'keep', supplierGramsPerKwh: null });
    // Empty settings leave the daemon's own as they are.
    const impact = { zone: null, device: null, supplier_grams_per_kwh: null };
    const answer = await page.request.put('/joulebook/api/settings', {
      headers: { Authorization: `token ${token}` },
      data: { impact }
    });
    expect(answer.status()).toBe(200);
  }
  await expect(line(lab, 'location')).toContainText('choose a zone in the settings');
});
