import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Axe {
  run(selector: string): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
}

/** What axe-core finds wrong with a part of the page. */
export async function violations(page: Page, selector: string): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source);
  return page.evaluate(async part => {
    const { axe } = window as unknown as { axe: Axe };
    const found = await axe.run(part);
    return found.violations.map(v => `${v.id}: ${v.nodes[0]?.html ?? ''}`);
  }, selector);
}
