import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IEnergy, IEnergyPanel } from '../tokens';
import { BadgeLayer } from '../views/badges';

/** The badge in each executed cell. */
export const badgesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'joulebook-lab:badges',
  description: 'Shows in each executed cell what it cost.',
  autoStart: true,
  requires: [IEnergy, IEnergyPanel],
  /** Adds a layer of badges to each view of a notebook. */
  activate: (_: JupyterFrontEnd, energy: IEnergy, panel: IEnergyPanel): void => {
    const open = ({ cellId }: { cellId: string }): void => panel.open(cellId);
    const seen = new WeakSet();
    const add = (view: ReturnType<typeof energy.notebooks.views>[number]): void => {
      if (seen.has(view.panel)) return;
      seen.add(view.panel);
      const layer = new BadgeLayer(view.panel, view.energy, energy, open);
      view.panel.disposed.connect(() => layer.dispose());
    };
    energy.notebooks.added.connect((_sender, view) => add(view));
    energy.notebooks.views().forEach(add);
  }
};
