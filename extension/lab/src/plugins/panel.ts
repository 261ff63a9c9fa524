import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import { JSONExt } from '@lumino/coreutils';
import type { Row } from '../model/row';
import { IEnergy, IEnergyPanel } from '../tokens';
import { EnergyPanel } from '../views/panel';
import { PanelState } from '../views/panel-state';

/** The sidebar **Energy**. */
export const panelPlugin: JupyterFrontEndPlugin<IEnergyPanel> = {
  id: 'joulebook-lab:panel',
  description: 'Shows the energy of cells and notebooks in a sidebar.',
  autoStart: true,
  requires: [IEnergy, INotebookTracker],
  optional: [ILabShell, ILayoutRestorer, IStateDB],
  provides: IEnergyPanel,
  /** Adds the panel to the right sidebar. */
  activate: (
    app: JupyterFrontEnd,
    energy: IEnergy,
    tracker: INotebookTracker,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    workspace: IStateDB | null
  ): IEnergyPanel => {
    const state = new PanelState();
    if (workspace) void keepChoices(workspace, state);
    const openSettings = (): void => {
      // The editor searches the titles of settings, not their ids.
      void app.commands.execute('settingeditor:open', { query: energy.trans.__('Energy') });
    };
    const go = (row: Row): void => void goToCell(app, tracker, row);
    const panel = new EnergyPanel(energy, state, {
      goToCell: go,
      ...(labShell ? { openSettings } : {})
    });
    // JupyterLab's own rule for its sidebar outranks a class; Notebook 7's sidebar does not stretch.
    if (labShell) panel.node.style.minWidth = '324px';
    app.shell.add(panel, 'right', { rank: 100, type: 'Energy' });
    restorer?.add(panel, panel.id);
    tracker.activeCellChanged.connect((_, cell) => {
      state.set({ selected: cell?.model.id ?? null });
    });
    // A layout that was saved before the panel existed does not name it: that is its first time.
    void labShell?.restored.then(layout => {
      const known = !layout.fresh && layout.rightArea?.widgets?.includes(panel);
      if (!known) labShell.activateById(panel.id);
    });
    return {
      state,
      open: cellId => {
        app.shell.activateById(panel.id);
        panel.node.focus();
        const rows = energy.notebooks.current?.view.rows ?? [];
        if (rows.some(row => row.cellId === cellId)) state.pointAt(cellId ?? '');
      },
      goToCell: go
    };
  }
};

/** Keeps page, order and filter with the workspace, as JupyterLab does its layout. */
async function keepChoices(workspace: IStateDB, state: PanelState): Promise<void> {
  const key = 'joulebook-lab:panel';
  state.restore(await workspace.fetch(key));
  let kept = state.lasting;
  state.changed.connect(() => {
    const { lasting } = state;
    if (JSONExt.deepEqual(lasting, kept)) return;
    kept = lasting;
    void workspace.save(key, lasting);
  });
}

async function goToCell(app: JupyterFrontEnd, tracker: INotebookTracker, row: Row): Promise<void> {
  const panel = tracker.currentWidget;
  const cell = panel?.content.widgets[row.index];
  if (!panel || !cell) return;
  app.shell.activateById(panel.id);
  panel.content.activeCellIndex = row.index;
  await panel.content.scrollToCell(cell, 'smart');
  // Only a cell that is in the page can have the focus.
  if (!panel.isDisposed) panel.content.activate();
}
