import { type APIRequestContext, type Locator, type Page, expect } from '@playwright/test';
import { token } from './place.ts';

/** One execution as the daemon gives it; only what the tests look at. */
export interface DaemonExecution {
  cell_id: string | null;
  status: string;
  start_ns: number;
  end_ns: number | null;
  total: { joules: number; low: number; high: number; kind: string };
}

/** JupyterLab's page with the Energy panel, as a user sees it. */
export class LabPage {
  constructor(readonly page: Page) {}

  get panel(): Locator {
    return this.page.getByRole('region', { name: 'Energy' });
  }

  /** The rows of the panel's table whose execution ended well. */
  get finishedRows(): Locator {
    return this.panel.locator('[data-cell-id][data-status="ok"]');
  }

  /** Opens a notebook the way the server's own link does: with its token. */
  async open(notebook: string): Promise<void> {
    await this.page.goto(`/lab/tree/${notebook}?token=${token}`);
    await this.page.locator('.jp-Notebook').waitFor({ timeout: 60_000 });
    await expect(this.panel).toBeVisible();
    await expect(this.page.locator('#jp-main-statusbar')).toContainText('| Idle', {
      timeout: 60_000
    });
  }

  /** Run > Run All Cells, by the menu. */
  async runAll(): Promise<void> {
    await this.page.getByRole('menuitem', { name: 'Run', exact: true }).click();
    await this.page.getByRole('menuitem', { name: 'Run All Cells', exact: true }).click();
  }

  /** Changes the theme, and waits until it shows. */
  async theme(name: string): Promise<void> {
    await this.page.evaluate(
      theme =>
        (
          window as unknown as {
            jupyterapp: { commands: { execute(id: string, args: object): Promise<unknown> } };
          }
        ).jupyterapp.commands.execute('apputils:change-theme', { theme }),
      name
    );
    await expect(this.page.locator('body')).toHaveAttribute('data-jp-theme-name', name);
  }

  /** What the panel says of each finished cell, once there is one. */
  async rows(): Promise<Record<string, Record<string, string>>> {
    await expect(this.finishedRows).not.toHaveCount(0);
    const rows = await this.finishedRows.evaluateAll(nodes =>
      nodes.map(node => ({ ...(node as HTMLElement).dataset }))
    );
    return Object.fromEntries(
      rows.map(row => [row['cellId'] ?? '', row as Record<string, string>])
    );
  }
}

/** What the daemon says of a notebook's cells, through the server, by cell id. */
export async function daemonExecutions(
  request: APIRequestContext,
  notebook: string
): Promise<Record<string, DaemonExecution>> {
  const response = await request.get(
    `/joulebook/api/executions?order=asc&notebook=${encodeURIComponent(notebook)}`,
    { headers: { Authorization: `token ${token}` } }
  );
  expect(response.status()).toBe(200);
  const { executions } = (await response.json()) as { executions: DaemonExecution[] };
  return Object.fromEntries(executions.map(execution => [execution.cell_id ?? '', execution]));
}
