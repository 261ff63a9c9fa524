import { type Page, expect } from '@playwright/test';
import type { InPage } from './in-page.ts';
import { LabPage } from './lab-page.ts';
import { token } from './place.ts';

/** A code cell of a notebook file; a test may leave the id out, as old files do. */
export interface FileCell {
  id?: string;
  source: string;
  metadata?: Record<string, unknown>;
}

/** A Python notebook whose cells have the ids cell-0, cell-1, ... */
export function python(sources: string[]): FileCell[] {
  return sources.map((source, index) => ({ id: `cell-${index}`, source }));
}

const PYTHON = { name: 'python3', display_name: 'Python 3', language: 'python' };
/** The kernel of this project. */
export const TYPESCRIPT = {
  name: 'joulebook-typescript',
  display_name: 'TypeScript (GPU)',
  language: 'typescript'
};

/** Writes a notebook into the server's folder, a Python one unless another kernel is named. */
export async function write(
  page: Page,
  path: string,
  given: FileCell[],
  kernelspec = PYTHON
): Promise<void> {
  const cells = given.map(cell => ({
    ...{ cell_type: 'code', metadata: {}, outputs: [], execution_count: null },
    ...cell
  }));
  const nbformat_minor = given.every(cell => cell.id) ? 5 : 4;
  const response = await page.request.put(`/api/contents/${path}`, {
    headers: { Authorization: `token ${token}` },
    data: {
      type: 'notebook',
      format: 'json',
      content: { nbformat: 4, nbformat_minor, metadata: { kernelspec }, cells }
    }
  });
  expect(response.ok()).toBe(true);
}

/** What the server has in a notebook's file. */
export async function readFile(
  page: Page,
  path: string
): Promise<{ metadata: Record<string, unknown> }[]> {
  const response = await page.request.get(`/api/contents/${path}`, {
    headers: { Authorization: `token ${token}` }
  });
  const { content } = (await response.json()) as {
    content: { cells: { metadata: Record<string, unknown> }[] };
  };
  return content.cells;
}

/**
 * Writes a new notebook and opens it: in a page that shows JupyterLab already instead of whatever is
 * open there, else in a workspace of its own, so that no test finds another one's tabs.
 */
export async function open(
  page: Page,
  name: string,
  sources: string[] | FileCell[]
): Promise<LabPage> {
  const lab = new LabPage(page);
  const cells = sources.map((cell, index) =>
    typeof cell === 'string' ? { id: `cell-${index}`, source: cell } : cell
  );
  await write(page, `${name}.ipynb`, cells);
  if (await page.evaluate(() => 'jupyterapp' in window)) await replace(page, `${name}.ipynb`);
  else await page.goto(`/lab/workspaces/${name}/tree/${name}.ipynb?token=${token}`);
  await expect(lab.panel).toBeVisible({ timeout: 60_000 });
  await expect(lab.panel.locator('[data-total]')).toHaveAttribute('data-path', `${name}.ipynb`);
  await expect(page.locator('#jp-main-statusbar')).toContainText('| Idle', { timeout: 60_000 });
  await lab.panel.getByRole('tab', { name: 'This run' }).click();
  return lab;
}

/** Waits for what a reload brings back, and opens before it closes: an empty page opens a launcher. */
async function replace(page: Page, path: string): Promise<void> {
  await page.evaluate(async next => {
    const { jupyterapp } = window as unknown as InPage;
    await jupyterapp.restored;
    await jupyterapp.serviceManager.sessions.shutdownAll();
    const opened = await jupyterapp.commands.execute('docmanager:open', {
      path: next,
      factory: 'Notebook'
    });
    for (const widget of [...jupyterapp.shell.widgets('main')]) {
      if (widget !== opened) widget.dispose();
    }
  }, path);
}

/** The panel's line of a cell. */
export const row = (lab: LabPage, cell: number) =>
  lab.panel.locator(`.jbk-Line[data-cell-id="cell-${cell}"]`);
