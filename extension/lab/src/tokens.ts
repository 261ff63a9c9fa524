import type { TranslationBundle } from '@jupyterlab/translation';
import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import type { EnergyApi } from './api/requests';
import type { Formatter } from './format/formatter';
import type { ImpactModel } from './model/impact';
import type { MeterModel } from './model/meter';
import type { Notebooks } from './model/notebooks';
import type { Row } from './model/row';
import type { Preferences } from './model/preferences';
import type { PanelState } from './views/panel-state';

/** The name under which the extension's strings are translated. */
export const TRANSLATION_DOMAIN = 'joulebook_lab';

/** What all views share: the models, and how to write values. */
export interface IEnergy {
  readonly api: EnergyApi;
  readonly meter: MeterModel;
  readonly notebooks: Notebooks;
  readonly impact: ImpactModel;
  readonly preferences: Preferences;
  readonly trans: TranslationBundle;
  /** Emitted when the page changes between light and dark; null where themes are unknown. */
  readonly themeChanged: ISignal<unknown, unknown> | null;
  /** Writes values as the settings say now; the same object until they change. */
  readonly formatter: () => Formatter;
  /** The name of a kernel for people. */
  readonly kernelTitle: (name: string) => string;
}

/** Provides the energies of the open notebooks. */
export const IEnergy = new Token<IEnergy>(
  'joulebook-lab:IEnergy',
  'The energy of the open notebooks and the power of the machine.'
);

/** The panel as other plugins use it. */
export interface IEnergyPanel {
  readonly state: PanelState;
  /** Shows the panel and puts the keyboard there: on the row of a cell, if one is given. */
  open(cellId?: string): void;
  /** Goes to the cell of a row in the notebook in front. */
  goToCell(row: Row): void;
}

/** Provides the sidebar **Energy**. */
export const IEnergyPanel = new Token<IEnergyPanel>(
  'joulebook-lab:IEnergyPanel',
  'The sidebar that shows the energy of cells and notebooks.'
);
