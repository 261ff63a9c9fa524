import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import type { IopubMessage, Probed } from './probe.ts';

const built = join(import.meta.dirname, '../../../extension/server/joulebook/labextension/static');

/** From idle to the row's new state on screen for each of `times` runs of the first cell, in ms. */
export async function shownAfterIdle(page: Page, times: number): Promise<number[]> {
  return page.evaluate(async count => {
    const { jupyterapp } = window as unknown as Probed;
    const { context, content } = jupyterapp.shell.currentWidget;
    const table = document.querySelector('.jbk-Panel')!;
    let idleAt = 0;
    context.sessionContext.session.kernel.iopubMessage.connect((_: unknown, m: IopubMessage) => {
      const ofCell = m.parent_header.msg_type === 'execute_request';
      if (ofCell && m.content.execution_state === 'idle') idleAt = performance.now();
    });
    const next = (test: () => boolean): Promise<void> =>
      new Promise(resolve => {
        const observer = new MutationObserver(() => {
          if (!test()) return;
          observer.disconnect();
          resolve();
        });
        observer.observe(table, { subtree: true, childList: true, attributes: true });
      });
    const status = (): string | undefined =>
      document.querySelector<HTMLElement>('.jbk-Line[data-cell-id="cell-0"]')?.dataset.status;
    const waits: number[] = [];
    for (let i = 0; i < count; i++) {
      content.activeCellIndex = 0;
      const running = next(() => status() === 'running');
      void jupyterapp.commands.execute('notebook:run-cell');
      await running;
      await next(() => status() === 'ok');
      await new Promise(requestAnimationFrame);
      waits.push(performance.now() - idleAt);
    }
    return waits;
  }, times);
}

/** Opening the panel, from the click to the painted table, in ms: the first time and four more. */
export async function openingTimes(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const { shell } = (window as unknown as Probed).jupyterapp;
    const frame = (): Promise<number> => new Promise(requestAnimationFrame);
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      shell.collapseRight();
      await frame();
      await frame();
      const start = performance.now();
      shell.activateById('joulebook-energy');
      while (!document.querySelector('.jbk-Table .jbk-Line')) await frame();
      // The frame after the one that drew it begins when it has been painted.
      await frame();
      times.push(performance.now() - start);
    }
    return times;
  });
}

/** Scrolls the table from its beginning for two seconds, five times; the median of frames a second. */
export async function scrollRate(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const table = document.querySelector('.jbk-Table')!;
    const frame = (): Promise<number> => new Promise(requestAnimationFrame);
    const rates: number[] = [];
    while (rates.length < 5) {
      table.scrollTop = 0;
      const start = await frame();
      let frames = 0;
      let now = start;
      while (now - start < 2_000) {
        table.scrollTop += 60;
        now = await frame();
        frames += 1;
      }
      if (table.scrollTop < 30 * frames)
        throw new Error(`expected to scroll, got to ${table.scrollTop}`);
      rates.push((frames / (now - start)) * 1e3);
    }
    return rates.sort((a, b) => a - b)[2] ?? NaN;
  });
}

/** The part of the page's main thread that is busy over `seconds`, from the browser's own account. */
export async function mainThreadShare(page: Page, seconds: number): Promise<number> {
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.enable', { timeDomain: 'threadTicks' });
  const read = async (): Promise<{ at: number; busy: number }> => {
    const { metrics } = await client.send('Performance.getMetrics');
    const value = (name: string): number => metrics.find(m => m.name === name)?.value ?? NaN;
    return { at: performance.now() / 1e3, busy: value('TaskDuration') };
  };
  const before = await read();
  await page.waitForTimeout(seconds * 1e3);
  const after = await read();
  await client.detach();
  return (after.busy - before.busy) / (after.at - before.at);
}

/** What the page fetched of the extension, chunk by chunk, in bytes of gzip. */
export async function firstLoad(page: Page): Promise<number> {
  const names = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map(entry => new URL(entry.name).pathname)
      .filter(path => path.includes('/joulebook-lab/static/'))
      .map(path => path.split('/').pop()!)
  );
  const known = new Set(readdirSync(built));
  const files = [...new Set(names)].filter(name => known.has(name));
  if (files.length < 2) throw new Error(`expected the extension's files, got ${files.join()}`);
  return files.reduce((sum, name) => sum + gzipSync(readFileSync(join(built, name))).length, 0);
}
