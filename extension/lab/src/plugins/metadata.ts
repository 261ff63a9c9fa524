import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { writeMetadata } from '../model/metadata';
import { IEnergy } from '../tokens';

/** Writes energies into the notebook as it is saved, for those who asked for it. */
export const metadataPlugin: JupyterFrontEndPlugin<void> = {
  id: 'joulebook-lab:metadata',
  description: 'Writes the energy of each cell into its metadata on saving, when switched on.',
  autoStart: true,
  requires: [IEnergy],
  /** Listens to the saving of each notebook once. */
  activate: (_: JupyterFrontEnd, energy: IEnergy): void => {
    const watched = new WeakSet<NotebookPanel['context']>();
    energy.notebooks.added.connect((_sender, { panel, energy: notebook }) => {
      const { context } = panel;
      if (watched.has(context)) return;
      watched.add(context);
      context.saveState.connect((_context, state) => {
        // The context reads the model only after this signal, so what is written now is saved.
        if (state !== 'started' || !energy.preferences.values.saveMetadata) return;
        writeMetadata(context.model, notebook.view);
      });
    });
  }
};
