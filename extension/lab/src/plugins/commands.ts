import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, InputDialog, Notification } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { clearMetadata } from '../model/metadata';
import type { Row } from '../model/row';
import type { NotebookView } from '../model/rows';
import { IEnergy, IEnergyPanel } from '../tokens';
import { energyIcon } from '../views/icon';
import { SETTINGS_ID } from './energy';

/** The ids of the extension's commands. */
export const CommandIDs = {
  openPanel: 'joulebook:open-panel',
  cellEnergy: 'joulebook:cell-energy',
  costliest: 'joulebook:go-to-costliest-cell',
  toggleBadges: 'joulebook:toggle-badges',
  setBudget: 'joulebook:set-budget',
  clearMetadata: 'joulebook:clear-metadata'
} as const;

const NO_ARGUMENTS = { args: { type: 'object', properties: {} } } as const;
const CELL_ARGUMENTS = {
  args: {
    type: 'object',
    properties: {
      clicked: {
        type: 'boolean',
        description: 'Whether the cell under the context menu is meant, not the active one.'
      }
    }
  }
} as const;

/** Commands, their place in the palette and in the menu of a cell. */
export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'joulebook-lab:commands',
  description: 'Adds commands for energies to the palette and the context menu.',
  autoStart: true,
  requires: [IEnergy, IEnergyPanel, INotebookTracker],
  optional: [ICommandPalette, ISettingRegistry, ILauncher],
  /** Registers the commands. */
  activate: (
    app: JupyterFrontEnd,
    energy: IEnergy,
    panel: IEnergyPanel,
    tracker: INotebookTracker,
    palette: ICommandPalette | null,
    registry: ISettingRegistry | null,
    launcher: ILauncher | null
  ): void => {
    const { trans, notebooks, preferences } = energy;
    const add = (id: string, label: string, execute: () => void, enabled = always): void => {
      app.commands.addCommand(id, {
        label,
        icon: id === CommandIDs.openPanel ? energyIcon : undefined,
        execute,
        isEnabled: enabled,
        describedBy: NO_ARGUMENTS
      });
      palette?.addItem({ command: id, category: trans.__('Energy') });
    };
    const hasNotebook = (): boolean => notebooks.current !== null;
    const change = (key: string, value: string | number | null | object): void =>
      void registry?.set(SETTINGS_ID, key, value as never);

    add(CommandIDs.openPanel, trans.__('Show the Energy Panel'), () => panel.open());
    launcher?.add({ command: CommandIDs.openPanel, category: trans.__('Other'), rank: 90 });
    app.commands.addCommand(CommandIDs.cellEnergy, {
      label: trans.__('Energy of This Cell'),
      execute: ({ clicked }) =>
        panel.open((clicked ? clickedCell(app, tracker) : tracker.activeCell)?.model.id),
      isEnabled: ({ clicked }) => clicked === true || tracker.activeCell?.model.type === 'code',
      describedBy: CELL_ARGUMENTS
    });
    palette?.addItem({ command: CommandIDs.cellEnergy, category: trans.__('Energy') });
    add(
      CommandIDs.costliest,
      trans.__('Go to the Cell That Cost Most'),
      () => {
        const row = notebooks.current ? costliest(notebooks.current.view) : null;
        if (row) panel.goToCell(row);
      },
      hasNotebook
    );
    add(CommandIDs.toggleBadges, trans.__('Show or Hide Energy Badges'), () =>
      change('badges', preferences.values.badges === 'off' ? 'below' : 'off')
    );
    add(
      CommandIDs.setBudget,
      trans.__('Set an Energy Budget for This Notebook…'),
      () =>
        void askBudget(energy, (path, joules) =>
          change('budgets', { ...preferences.values.budgets, [path]: joules })
        ),
      hasNotebook
    );
    add(
      CommandIDs.clearMetadata,
      trans.__('Clear Energies From the Notebook’s Metadata'),
      () => {
        const model = tracker.currentWidget?.model;
        if (!model) return;
        const count = clearMetadata(model);
        Notification.info(
          trans._n(
            '%1 cell had an energy in its metadata.',
            '%1 cells had an energy in their metadata.',
            count
          ),
          { autoClose: 4_000 }
        );
      },
      hasNotebook
    );
  }
};

/** The cell on which the context menu was opened; it need not be the active one. */
function clickedCell(app: JupyterFrontEnd, tracker: INotebookTracker): Cell | undefined {
  const node = app.contextMenuHitTest(({ classList }) => classList.contains('jp-Cell'));
  return tracker.currentWidget?.content.widgets.find(cell => cell.node === node);
}

function always(): boolean {
  return true;
}

function costliest(view: NotebookView): Row | null {
  return view.rows.reduce<Row | null>(
    (best, row) => ((row.energy.joules ?? 0) > (best?.energy.joules ?? 0) ? row : best),
    null
  );
}

async function askBudget(
  energy: IEnergy,
  save: (path: string, joules: number) => void
): Promise<void> {
  const { trans, notebooks, preferences } = energy;
  const path = notebooks.current?.path;
  if (path === undefined) return;
  const answer = await InputDialog.getNumber({
    title: trans.__('Energy budget of %1', path),
    label: trans.__('Joules for one run; 0 for no budget'),
    value: preferences.budgetOf(path)
  });
  if (answer.button.accept && answer.value !== null && answer.value >= 0) save(path, answer.value);
}
