import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import type { Row } from '../model/row';
import { IEnergy, IEnergyPanel } from '../tokens';
import { EnergyPanel } from '../views/panel';
import { PanelState } from '../views/panel-state';
import { SETTINGS_ID } from './energy';

/** The sidebar **Energy**. */
export const panelPlugin: JupyterFrontEndPlugin<IEnergyPanel> = {
  id: 'joulebook-lab:panel',
  description: 'Shows the energy of cells and notebooks in a sidebar.',
  autoStart: true,
  requires: [IEnergy, INotebookTracker],
  optional: [ILabShell, ILayoutRestorer],
  provides: IEnergyPanel,
  /** Adds the panel to the right sidebar. */
  activate: (
    app: JupyterFrontEnd,
    energy: IEnergy,
    tracker: INotebookTracker,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null
  ): IEnergyPanel => {
    const state = new PanelState();
    const openSettings = (): void => {
      void app.commands.execute('settingeditor:open', { query: SETTINGS_ID });
    };
    const go = (row: Row): void => goToCell(app, tracker, row);
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
      open: () => app.shell.activateById(panel.id),
      goToCell: go
    };
  }
};

function goToCell(app: JupyterFrontEnd, tracker: INotebookTracker, row: Row): void {
  const panel = tracker.currentWidget;
  const cell = panel?.content.widgets[row.index];
  if (!panel || !cell) return;
  app.shell.activateById(panel.id);
  panel.content.activeCellIndex = row.index;
  void panel.content.scrollToCell(cell, 'smart');
  panel.content.activate();
}
