import * as React from 'react';
import type { NotebookEnergy } from '../model/notebook';
import { executionsOf } from '../model/rows';
import type { IEnergy } from '../tokens';
import { CarbonFigure } from './carbon';
import { useSignal } from './hooks';
import { dataOf } from './table-row';

/** The notebook's total of this run, its time, and how it stands with the budget. */
export function TotalSection(props: {
  energy: IEnergy;
  notebook: NotebookEnergy;
}): React.JSX.Element {
  const { energy, notebook } = props;
  const { trans, preferences } = energy;
  useSignal(notebook.changed);
  useSignal(preferences.changed);
  const view = notebook.view;
  const executions = executionsOf(view);
  const format = energy.formatter();
  const text = format.energy(view.total);
  const budget = preferences.budgetOf(notebook.path);
  const name = notebook.path.split('/').pop() ?? notebook.path;
  useSignal(energy.impact.changed);
  const wattHours = preferences.values.unit !== 'Wh' && Boolean(view.total.joules);
  return (
    <section
      className="jbk-Section jbk-Total"
      aria-label={trans.__('Total of this notebook')}
      data-total=""
      data-path={notebook.path}
      data-seconds={view.seconds}
      data-waiting={view.rows.filter(row => row.seconds === null).length}
      {...dataOf(view.total)}
    >
      <div className="jbk-row jbk-soft">
        <span className="jbk-ellipsis" title={notebook.path}>
          {name}
        </span>
        <span className="jbk-ellipsis">
          {view.kernelName === null ? '' : energy.kernelTitle(view.kernelName)}
        </span>
      </div>
      <div className="jbk-row jbk-wrap">
        <span className="jbk-value" title={format.meaning(view.total, executions)}>
          <span className="jbk-big">{text.value}</span>{' '}
          <span className="jbk-soft">{text.interval}</span>
        </span>
        <span className="jbk-soft jbk-list">
          {wattHours && (
            <span>
              <bdi>{format.wattHours(view.total)}</bdi>
            </span>
          )}
          <CarbonFigure value={view.total} executions={executions} energy={energy} />
          {view.seconds > 0 && (
            <span>
              <bdi>{format.duration(view.seconds)}</bdi>
            </span>
          )}
        </span>
      </div>
      {view.total.missing > 0 && view.total.joules !== null && (
        <div className="jbk-soft">
          {trans._n(
            '%1 execution has no figure and is not in the total',
            '%1 executions have no figure and are not in the total',
            view.total.missing
          )}
        </div>
      )}
      {budget > 0 && <Budget energy={energy} used={view.total.joules ?? 0} budget={budget} />}
    </section>
  );
}

function Budget(props: { energy: IEnergy; used: number; budget: number }): React.JSX.Element {
  const { energy, used, budget } = props;
  const { trans } = energy;
  const format = energy.formatter();
  const part = used / budget;
  const tone = part >= 1 ? 'jbk-mod-over' : part >= 0.8 ? 'jbk-mod-near' : '';
  const exact = { joules: budget, low: null, high: null, kind: 'measured' as const };
  return (
    <div className={`jbk-Budget ${tone}`}>
      <div className="jbk-row jbk-soft">
        <span>{trans.__('budget %1', format.bare(exact))}</span>
        <bdi>{format.share(part)}</bdi>
      </div>
      <div
        className="jbk-bar"
        role="progressbar"
        aria-label={trans.__('Part of the energy budget used')}
        aria-valuenow={Math.round(Math.min(1, part) * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <i style={{ width: `${Math.min(1, part) * 100}%` }} />
      </div>
    </div>
  );
}
