import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';
import { gramsOf, impactWhile } from '../model/carbon';
import { executionsOf } from '../model/rows';
import type { IEnergy } from '../tokens';
import { useSignal } from './hooks';
import { energyIcon } from './icon';
import { dataOf } from './table-row';

/** The status bar's figure: the notebook's total and the power now. */
export class EnergyStatus extends ReactWidget {
  constructor(
    private readonly energy: IEnergy,
    private readonly onOpen: () => void
  ) {
    super();
    this.addClass('jbk-Status');
  }

  /** The figure as a button that opens the panel. */
  protected override render(): React.JSX.Element {
    return <StatusFigure energy={this.energy} onOpen={this.onOpen} />;
  }
}

function StatusFigure(props: { energy: IEnergy; onOpen: () => void }): React.JSX.Element {
  const { energy, onOpen } = props;
  const { meter, notebooks, impact, preferences, trans } = energy;
  useSignal(notebooks.currentChanged);
  useSignal(notebooks.current?.changed);
  useSignal(meter.powerChanged);
  useSignal(meter.connectionChanged);
  useSignal(preferences.changed);
  useSignal(impact.changed);
  const format = energy.formatter();
  const view = notebooks.current?.view;
  const total = view && view.runs.length > 0 ? format.energy(view.total) : null;
  const now = meter.now?.total;
  const power = now && now.watts !== null ? format.power(now.watts, now.low, now.high) : null;
  const off = meter.connection.state === 'lost' || meter.connection.state === 'old';
  const figures = view ? impactWhile(executionsOf(view), impact.value) : null;
  const grams = preferences.values.statusBarCarbon && view && gramsOf(view.total, figures);
  const text = off
    ? trans.__('no energy meter')
    : [
        total ? `${total.value} ${total.interval}`.trim() : '',
        grams ? format.carbon(grams).value : '',
        power
      ]
        .filter(Boolean)
        .join(' · ');
  const label = off
    ? trans.__('Energy: the meter does not answer. Open the Energy panel.')
    : trans.__(
        'Energy of this notebook: %1; power now: %2. Open the Energy panel.',
        total && view ? format.meaning(view.total, executionsOf(view)) : '—',
        power ?? '—'
      );
  return (
    <button
      type="button"
      className="jbk-StatusButton"
      title={label}
      aria-label={label}
      onClick={onOpen}
      {...(view ? dataOf(view.total) : {})}
    >
      <energyIcon.react tag="span" width="14px" />
      <span>{text || '—'}</span>
    </button>
  );
}
