import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { BudgetWatch } from '../model/budget';
import type { NotebookEnergy } from '../model/notebook';
import { IEnergy } from '../tokens';

/** Says when a notebook has used most of its energy budget, and when all of it. */
export const budgetPlugin: JupyterFrontEndPlugin<void> = {
  id: 'joulebook-lab:budget',
  description: 'Gives notice when a run reaches its energy budget; interrupts only when asked.',
  autoStart: true,
  requires: [IEnergy],
  /** Watches each notebook once, however many views it has. */
  activate: (_: JupyterFrontEnd, energy: IEnergy): void => {
    const watched = new WeakSet<NotebookEnergy>();
    const watch = (panel: NotebookPanel, notebook: NotebookEnergy): void => {
      if (watched.has(notebook)) return;
      watched.add(notebook);
      const budget = new BudgetWatch();
      notebook.changed.connect(() => tell(energy, panel, notebook, budget));
    };
    energy.notebooks.added.connect((_sender, view) => watch(view.panel, view.energy));
    energy.notebooks.views().forEach(view => watch(view.panel, view.energy));
  }
};

function tell(
  energy: IEnergy,
  panel: NotebookPanel,
  notebook: NotebookEnergy,
  watch: BudgetWatch
): void {
  const { trans, preferences } = energy;
  const { runs, total, rows } = notebook.view;
  const run = runs[runs.length - 1];
  const budget = preferences.budgetOf(notebook.path);
  // What lies back is no news: a notice comes only while something runs, or as it ends.
  if (!run || total.joules === null || Date.now() - newest(energy, notebook) > 10_000) return;
  const level = watch.check(run.id, total.joules, budget);
  if (level === null) return;
  const format = energy.formatter();
  const limit = format.bare({ joules: budget, low: null, high: null, kind: 'measured' });
  const used = format.energy(total).text;
  const name = notebook.path.split('/').pop() ?? notebook.path;
  if (level === 'near') {
    Notification.warning(
      trans.__('%1 has used %2, most of its energy budget of %3.', name, used, limit),
      { autoClose: 8_000 }
    );
    return;
  }
  const running = rows.some(row => row.status === 'running');
  const interrupt = {
    label: trans.__('Interrupt'),
    callback: () => void panel.sessionContext.session?.kernel?.interrupt()
  };
  const proceed = { label: trans.__('Continue'), callback: () => undefined };
  Notification.warning(
    trans.__('%1 has used %2, all of its energy budget of %3.', name, used, limit),
    { autoClose: false, actions: running ? [interrupt, proceed] : [proceed] }
  );
}

/** When the notebook's newest execution began or ended, on the page's clock. */
function newest({ meter }: IEnergy, notebook: NotebookEnergy): number {
  const last = notebook.view.runs.at(-1)?.executions.at(-1);
  if (!last) return 0;
  return last.status === 'running' ? Date.now() : meter.pageTime(last.ended_at ?? last.started_at);
}
