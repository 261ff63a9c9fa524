import { type Page, expect } from '@playwright/test';
import { LabPage } from './lab-page.ts';
import { token } from './place.ts';

interface App {
  commands: { execute(id: string, args?: object): Promise<unknown> };
}

/** Runs a command of JupyterLab without waiting for what it may ask. */
export async function command(page: Page, id: string): Promise<void> {
  await page.evaluate(name => {
    const { jupyterapp } = window as unknown as { jupyterapp: App };
    void jupyterapp.commands.execute(name);
  }, id);
}

/** Saves the notebook in front and waits until it is written. */
export async function save(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const { jupyterapp } = window as unknown as { jupyterapp: App };
    await jupyterapp.commands.execute('docmanager:save');
  });
}

/** Writes a Python notebook into the server's folder; its cells have the ids cell-0, cell-1, ... */
export async function write(page: Page, path: string, sources: string[]): Promise<void> {
  const cells = sources.map((source, index) => ({
    cell_type: 'code',
    id: `cell-${index}`,
    source,
    metadata: {},
    outputs: [],
    execution_count: null
  }));
  const kernelspec = { name: 'python3', display_name: 'Python 3', language: 'python' };
  const response = await page.request.put(`/api/contents/${path}`, {
    headers: { Authorization: `token ${token}` },
    data: {
      type: 'notebook',
      format: 'json',
      content: { nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells }
    }
  });
  expect(response.ok()).toBe(true);
}

/** Opens a new notebook in a workspace of its own, so that no test finds another one's tabs. */
export async function open(page: Page, name: string, sources: string[]): Promise<LabPage> {
  const lab = new LabPage(page);
  await write(page, `${name}.ipynb`, sources);
  await page.goto(`/lab/workspaces/${name}/tree/${name}.ipynb?token=${token}`);
  await expect(lab.panel).toBeVisible({ timeout: 60_000 });
  await expect(page.locator('#jp-main-statusbar')).toContainText('| Idle', { timeout: 60_000 });
  return lab;
}

/** The panel's line of a cell. */
export const row = (lab: LabPage, cell: number) =>
  lab.panel.locator(`.jbk-Line[data-cell-id="cell-${cell}"]`);
