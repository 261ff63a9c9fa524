import type { Page } from '@playwright/test';

/** What the tests use of JupyterLab's page: the application, and Galata's way to its services. */
export interface InPage {
  jupyterapp: {
    restored: Promise<unknown>;
    commands: { execute(id: string, args?: object): Promise<unknown> };
    shell: { widgets(area: string): Iterable<{ dispose(): void }> };
    serviceManager: { sessions: { shutdownAll(): Promise<void> } };
  };
  galata: {
    /** Galata finds the application when it is first asked for it, and only then. */
    app: object;
    getPlugin(id: string): Promise<{ set(id: string, key: string, value: unknown): Promise<void> }>;
  };
}

/** Runs a command of JupyterLab without waiting for what it may ask. */
export async function command(page: Page, id: string, args: object = {}): Promise<void> {
  await page.evaluate(
    ([name, given]) => {
      const { jupyterapp } = window as unknown as InPage;
      void jupyterapp.commands.execute(name, given);
    },
    [id, args] as const
  );
}

/** Saves the notebook in front and waits until it is written. */
export async function save(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const { jupyterapp } = window as unknown as InPage;
    await jupyterapp.commands.execute('docmanager:save');
  });
}

/** Sets some of the energy's settings, as the settings editor does. */
export async function set(page: Page, values: Record<string, unknown>): Promise<void> {
  await page.evaluate(async given => {
    const { galata } = window as unknown as InPage;
    if (!galata.app) throw new Error('expected JupyterLab to be exposed in the page');
    const registry = await galata.getPlugin('@jupyterlab/apputils-extension:settings');
    for (const [key, value] of Object.entries(given)) {
      await registry.set('joulebook-lab:energy', key, value);
    }
  }, values);
}
