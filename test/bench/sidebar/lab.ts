import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Browser, type Page, chromium } from '@playwright/test';

const root = join(import.meta.dirname, '../../..');
const token = 'of-the-sidebar-bench';

/** A JupyterLab of its own with a simulated counter, and a browser in front of it. */
export interface Lab {
  page: Page;
  /** Writes a notebook of Python cells and opens it. */
  open(name: string, sources: string[]): Promise<void>;
  close(): Promise<void>;
}

/** Starts server and browser; the scripts of `probe` run in every page before JupyterLab does. */
export async function startLab(probe: () => void): Promise<Lab> {
  const port = 18_000 + Math.floor(Math.random() * 800);
  const url = `http://127.0.0.1:${port}`;
  const server = spawn(
    process.execPath,
    [join(root, 'test/e2e/start-lab.mjs'), String(port), token],
    { stdio: ['ignore', 'ignore', 'ignore'] }
  );
  await answers(`${url}/api?token=${token}`, server);
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
  });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.addInitScript(probe);
  return {
    page,
    open: (name, sources) => open(page, url, name, sources),
    close: () => close(browser, server)
  };
}

async function answers(url: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (Date.now() < deadline && server.exitCode === null) {
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return;
    await pause(200);
  }
  throw new Error(`expected JupyterLab to answer at ${url} within two minutes`);
}

async function open(page: Page, url: string, name: string, sources: string[]): Promise<void> {
  const cells = sources.map((source, index) => ({
    ...{ cell_type: 'code', id: `cell-${index}`, source },
    ...{ metadata: {}, outputs: [], execution_count: null }
  }));
  const kernelspec = { name: 'python3', display_name: 'Python 3', language: 'python' };
  const content = { nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells };
  const response = await page.request.put(`${url}/api/contents/${name}.ipynb`, {
    headers: { Authorization: `token ${token}` },
    data: { type: 'notebook', format: 'json', content }
  });
  if (!response.ok()) throw new Error(`expected to write ${name}, got ${response.status()}`);
  await page.goto(`${url}/lab/workspaces/${name}/tree/${name}.ipynb?token=${token}`);
  await page.locator('#jp-main-statusbar').getByText('| Idle').waitFor({ timeout: 120_000 });
}

async function close(browser: Browser, server: ChildProcess): Promise<void> {
  await browser.close();
  const gone = new Promise(resolve => server.once('exit', resolve));
  server.kill('SIGTERM');
  await gone;
}
