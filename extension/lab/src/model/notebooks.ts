import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import type { EnergyApi } from '../api/requests';
import { LabelQueue } from './label-queue';
import type { MeterModel } from './meter';
import { NotebookEnergy } from './notebook';

/** What the open notebooks need of the rest of the page. */
export interface NotebooksOptions {
  tracker: INotebookTracker;
  api: Pick<EnergyApi, 'label' | 'executions'>;
  meter: MeterModel;
  /** Takes the drive off a path of the contents manager. */
  localPath: (path: string) => string;
}

type Context = NotebookPanel['context'];

/** All open notebooks; several views of one share its energies. */
export class Notebooks implements IDisposable {
  private readonly _currentChanged = new Signal<this, NotebookEnergy | null>(this);
  private readonly _added = new Signal<this, { panel: NotebookPanel; energy: NotebookEnergy }>(
    this
  );
  private readonly open = new Map<Context, NotebookEnergy>();
  private readonly labels: LabelQueue;
  private _current: NotebookEnergy | null = null;

  constructor(private readonly options: NotebooksOptions) {
    const { tracker, api, meter } = options;
    this.labels = new LabelQueue(labels => api.label(labels));
    tracker.forEach(panel => void this.add(panel));
    tracker.widgetAdded.connect(this.onAdded);
    tracker.currentChanged.connect(this.updateCurrent);
    meter.execution.connect((_, execution) => {
      for (const energy of this.open.values()) energy.take(execution);
    });
    meter.synchronise.connect(this.synchronise);
  }

  /** Whether the collection has been disposed. */
  isDisposed = false;

  /** Emitted when another notebook is in front. */
  get currentChanged(): ISignal<this, NotebookEnergy | null> {
    return this._currentChanged;
  }

  /** Emitted for each view of a notebook once its model is ready. */
  get added(): ISignal<this, { panel: NotebookPanel; energy: NotebookEnergy }> {
    return this._added;
  }

  /** The notebook in front; null when none is open. */
  get current(): NotebookEnergy | null {
    return this._current;
  }

  /** All views that are ready, with their notebooks. */
  views(): { panel: NotebookPanel; energy: NotebookEnergy }[] {
    const views: { panel: NotebookPanel; energy: NotebookEnergy }[] = [];
    this.options.tracker.forEach(panel => {
      const energy = this.open.get(panel.context);
      if (energy) views.push({ panel, energy });
    });
    return views;
  }

  /** Lets go of every notebook. */
  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.options.tracker.widgetAdded.disconnect(this.onAdded);
    this.options.tracker.currentChanged.disconnect(this.updateCurrent);
    for (const energy of this.open.values()) energy.dispose();
    this.open.clear();
    Signal.clearData(this);
  }

  private readonly onAdded = (_: unknown, panel: NotebookPanel): void => {
    void this.add(panel);
  };

  private async add(panel: NotebookPanel): Promise<void> {
    const { context } = panel;
    await context.ready;
    if (this.isDisposed || panel.isDisposed) return;
    let energy = this.open.get(context);
    if (!energy) {
      energy = this.create(context);
      this.open.set(context, energy);
      void this.load(energy);
    }
    this._added.emit({ panel, energy });
    this.updateCurrent();
  }

  private create(context: Context): NotebookEnergy {
    const { api, meter, localPath } = this.options;
    const energy = new NotebookEnergy({
      model: context.model,
      sessionContext: context.sessionContext,
      path: localPath(context.path),
      labels: this.labels,
      executions: query => api.executions(query),
      pageTime: date => meter.pageTime(date)
    });
    context.pathChanged.connect((_, path) => energy.rename(localPath(path)));
    context.disposed.connect(() => {
      this.open.delete(context);
      energy.dispose();
      this.updateCurrent();
    });
    return energy;
  }

  private readonly updateCurrent = (): void => {
    const panel = this.options.tracker.currentWidget;
    const current = (panel && !panel.isDisposed && this.open.get(panel.context)) || null;
    if (current === this._current) return;
    this._current = current;
    this._currentChanged.emit(current);
  };

  private readonly synchronise = (): void => {
    void this.labels.flush();
    for (const energy of this.open.values()) void this.load(energy);
  };

  private async load(energy: NotebookEnergy): Promise<void> {
    try {
      await energy.load();
    } catch {
      // The stream notices the daemon's absence; its return brings another load.
    }
  }
}
