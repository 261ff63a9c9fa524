import * as React from 'react';
import { type ImpactLine, impactLines } from '../model/impact-lines';
import type { NotebookEnergy } from '../model/notebook';
import { executionsOf } from '../model/rows';
import type { IEnergy } from '../tokens';
import { ForecastStrip } from './carbon';
import { useSignal } from './hooks';

/** What the joules of this run mean: carbon, water, money, the machine's making, and data. */
export function ImpactPage(props: {
  energy: IEnergy;
  notebook: NotebookEnergy;
  openSettings?: () => void;
}): React.JSX.Element {
  const { energy, notebook, openSettings } = props;
  const { trans, impact } = energy;
  useSignal(notebook.changed);
  useSignal(impact.changed);
  const { total, seconds } = notebook.view;
  const executions = executionsOf(notebook.view);
  if (!impact.value) {
    return <div className="jbk-Empty jbk-soft">{trans.__('The meter tells no impacts yet.')}</div>;
  }
  const lines = impactLines({ total, seconds, executions }, impact.value, trans);
  return (
    <div className="jbk-Scroll">
      <ForecastStrip energy={energy} />
      <p className="jbk-soft jbk-Hint">
        {trans.__('Measured, modelled and attributed figures are never added to each other.')}
      </p>
      <dl className="jbk-Impacts">
        {lines.map(line => (
          <Line key={line.id} line={line} />
        ))}
      </dl>
      {openSettings && (
        <button type="button" className="jbk-Link" onClick={openSettings}>
          {trans.__('Zone, price, machine: settings')}
        </button>
      )}
    </div>
  );
}

function Line({ line }: { line: ImpactLine }): React.JSX.Element {
  return (
    <div data-impact={line.id}>
      <dt>{line.name}</dt>
      <dd>
        <span className="jbk-value">{line.value ?? '—'}</span>
        <small className="jbk-soft">{line.hint}</small>
      </dd>
    </div>
  );
}
