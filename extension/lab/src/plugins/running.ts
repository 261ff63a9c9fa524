import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IRunningSessionManagers, type IRunningSessions } from '@jupyterlab/running';
import { Signal } from '@lumino/signaling';
import type { Kernel } from '../api/types';
import { IEnergy } from '../tokens';
import { energyIcon } from '../views/icon';

/** The power of each kernel in the panel **Running Terminals and Kernels**. */
export const runningPlugin: JupyterFrontEndPlugin<void> = {
  id: 'joulebook-lab:running',
  description: 'Lists the power of each kernel in the Running panel.',
  autoStart: true,
  requires: [IEnergy],
  optional: [IRunningSessionManagers],
  /** Adds a section to the Running panel where there is one. */
  activate: (
    app: JupyterFrontEnd,
    energy: IEnergy,
    managers: IRunningSessionManagers | null
  ): void => {
    const { meter, trans } = energy;
    const changed = new Signal<object, void>({});
    meter.statusChanged.connect(() => changed.emit());
    managers?.add({
      name: trans.__('Kernel Power'),
      running: () => (meter.status?.kernels ?? []).map(kernel => item(app, energy, kernel)),
      refreshRunning: () => void meter.refresh().catch(() => changed.emit()),
      runningChanged: changed,
      shutdownAll: () => void app.serviceManager.sessions.shutdownAll()
    });
  }
};

function item(
  app: JupyterFrontEnd,
  energy: IEnergy,
  kernel: Kernel
): IRunningSessions.IRunningItem {
  const { trans } = energy;
  const path = kernel.notebook_path ?? null;
  const name = (path ?? kernel.notebook)?.split('/').pop() ?? kernel.kernel_name;
  return {
    icon: () => energyIcon,
    label: () => name,
    labelTitle: () => trans.__('%1, kernel %2', path ?? kernel.connection_file, kernel.kernel_name),
    detail: () => powerText(energy, kernel),
    ...(path === null ? {} : { open: () => void app.commands.execute('docmanager:open', { path }) })
  };
}

function powerText({ trans, formatter }: IEnergy, kernel: Kernel): string {
  if (kernel.remote) return trans.__('not on this host');
  if (kernel.watts !== null) return formatter().power(kernel.watts);
  return kernel.state === 'busy' ? trans.__('busy') : trans.__('idle');
}
