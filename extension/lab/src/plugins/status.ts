import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { IEnergy, IEnergyPanel } from '../tokens';
import { EnergyStatus } from '../views/status-item';

/** The figure in the status bar. */
export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: 'joulebook-lab:status',
  description: 'Shows the total of the notebook and the power now in the status bar.',
  autoStart: true,
  requires: [IEnergy, IEnergyPanel],
  optional: [IStatusBar],
  /** Adds the figure where there is a status bar. */
  activate: (
    _: JupyterFrontEnd,
    energy: IEnergy,
    panel: IEnergyPanel,
    statusBar: IStatusBar | null
  ): void => {
    statusBar?.registerStatusItem('joulebook-lab:status', {
      item: new EnergyStatus(energy, () => panel.open()),
      align: 'right',
      rank: 900
    });
  }
};
