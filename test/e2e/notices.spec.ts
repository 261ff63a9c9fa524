import { type Page, expect } from '@playwright/test';
import { type Frozen, type Reply, freeze } from './frozen.ts';
import { test } from './lab-test.ts';
import { open } from './notebooks.ts';
import { scene, sceneCells } from './scene.ts';

/** Lets the server answer otherwise from now on; undefined takes an answer away. */
async function answer(page: Page, replies: Record<string, Reply | undefined>): Promise<void> {
  await page.evaluate(given => {
    const { frozen } = window as unknown as { frozen: Frozen };
    for (const [path, reply] of Object.entries(given)) {
      if (reply) frozen.scene.replies[path] = reply;
      else delete frozen.scene.replies[path];
    }
    frozen.end();
  }, replies);
}

const failing = (status: number): Reply => ({
  status,
  body: { error: { code: 'x', message: 'the server says why' } }
});

test('says what to do without a meter, refused, down or old, and returns by itself', async ({
  page
}) => {
  await freeze(page, scene);
  const lab = await open(page, 'notices', sceneCells);
  const notice = lab.panel.getByRole('alert');
  await expect(lab.panel.locator('.jbk-now')).toContainText('W now');
  await expect(notice).toHaveCount(0);
  for (const [status, text] of [
    [404, 'Install joulebook where the server runs'],
    [403, 'Log in again and reload the page'],
    [503, 'The energy meter does not answer'],
    [500, 'The energy meter reports an error']
  ] as const) {
    await answer(page, { events: failing(status) });
    await expect(notice).toContainText(text);
    await expect(notice).toContainText('the server says why');
    await expect(page.locator('.jbk-Status')).toContainText('no energy meter');
    // In one go: it also tries again by itself, and the button would be gone.
    await notice.getByRole('button', { name: 'Try again now' }).evaluate((button: HTMLElement) => {
      const { frozen } = window as unknown as { frozen: Frozen };
      delete frozen.scene.replies['events'];
      button.click();
    });
    await expect(notice).toHaveCount(0);
  }
  const now = scene.replies['status']!;
  const old = { ...now, body: { ...(now.body as object), version: '0.0.9' } };
  await answer(page, { status: old });
  await expect(notice).toContainText('of version 0.0.9, too old for this panel');
  await answer(page, { status: now });
  await expect(notice).toHaveCount(0);
  await expect(lab.panel.locator('.jbk-now')).toContainText('W now');
});
