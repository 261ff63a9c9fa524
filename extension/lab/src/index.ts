import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { badgesPlugin } from './plugins/badges';
import { budgetPlugin } from './plugins/budget';
import { commandsPlugin } from './plugins/commands';
import { energyPlugin } from './plugins/energy';
import { metadataPlugin } from './plugins/metadata';
import { panelPlugin } from './plugins/panel';
import { plotlyPlugin } from './plugins/plotly';
import { runningPlugin } from './plugins/running';
import { statusPlugin } from './plugins/status';
import { tutorialPlugin } from './plugins/tutorial';

export { IEnergy, IEnergyPanel } from './tokens';

/** The extension's plugins: one provides the models, the others show them. */
const plugins: JupyterFrontEndPlugin<unknown>[] = [
  energyPlugin,
  panelPlugin,
  badgesPlugin,
  statusPlugin,
  plotlyPlugin,
  commandsPlugin,
  budgetPlugin,
  metadataPlugin,
  runningPlugin,
  tutorialPlugin
];

export default plugins;
