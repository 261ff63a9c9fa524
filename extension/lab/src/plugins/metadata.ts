import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { Debouncer } from '@lumino/polling';
import { writeMetadata } from '../model/metadata';
import type { NotebookEnergy } from '../model/notebook';
import { IEnergy } from '../tokens';

type Context = NotebookPanel['context'];

/** How long a shared document rests after a cell before its energy is written into it. */
const SETTLE_MS = 500;

/** Writes energies into the notebook as it is saved, for those who asked for it. */
export const metadataPlugin: JupyterFrontEndPlugin<void> = {
  id: 'joulebook-lab:metadata',
  description: 'Writes the energy of each cell into its metadata on saving, when switched on.',
  autoStart: true,
  requires: [IEnergy],
  /** Listens to each notebook once. */
  activate: (_: JupyterFrontEnd, energy: IEnergy): void => {
    const wanted = (): boolean => energy.preferences.values.saveMetadata;
    const watched = new WeakSet<Context>();
    energy.notebooks.added.connect((_sender, { panel, energy: notebook }) => {
      const { context } = panel;
      if (watched.has(context)) return;
      watched.add(context);
      if (context.model.collaborative) writeAfterCells(context, notebook, wanted);
      else writeBeforeSaving(context, notebook, wanted);
    });
  }
};

function writeBeforeSaving(
  context: Context,
  notebook: NotebookEnergy,
  wanted: () => boolean
): void {
  context.saveState.connect((_, state) => {
    // The context reads the model only after this signal, so what is written now is saved.
    if (state === 'started' && wanted()) writeMetadata(context.model, notebook.view);
  });
}

/** The server saves a shared document by itself, without a word before: it must hold all at any time. */
function writeAfterCells(context: Context, notebook: NotebookEnergy, wanted: () => boolean): void {
  const write = new Debouncer(() => {
    if (!notebook.isDisposed && wanted()) writeMetadata(context.model, notebook.view);
  }, SETTLE_MS);
  notebook.finished.connect(() => {
    if (wanted()) void write.invoke();
  });
  context.disposed.connect(() => write.dispose());
}
