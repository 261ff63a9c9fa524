import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Policy } from '../api/types';
import type { NotebookEnergy } from '../model/notebook';
import type { Row } from '../model/row';
import type { Remainder } from '../model/rows';
import type { IEnergy } from '../tokens';
import { useSignal } from './hooks';
import type { PanelState, RowFilter, SortOrder } from './panel-state';
import { dataOf } from './table-row';
import { CellTable } from './table';

/** This run: the table of cells, how it is sorted and filtered, and what has no row. */
export function RunPage(props: {
  energy: IEnergy;
  notebook: NotebookEnergy;
  state: PanelState;
  onActivate: (row: Row) => void;
  openSettings?: () => void;
}): React.JSX.Element {
  const { energy, notebook, state } = props;
  useSignal(notebook.changed);
  const { rows } = notebook.view;
  if (rows.length === 0) {
    return (
      <div className="jbk-Empty jbk-soft">
        {energy.trans.__('Run a cell: its energy appears here as it ends.')}
      </div>
    );
  }
  return (
    <>
      <TableTools energy={energy} state={state} count={rows.length} />
      <CellTable {...props} />
      <Footer energy={energy} notebook={notebook} openSettings={props.openSettings} />
    </>
  );
}

function TableTools(props: {
  energy: IEnergy;
  state: PanelState;
  count: number;
}): React.JSX.Element {
  const { state, count } = props;
  const { trans } = props.energy;
  useSignal(state.changed);
  const { sort, filter } = state.choices;
  return (
    <div className="jbk-Tools jbk-soft">
      <bdi>{trans._n('%1 cell', '%1 cells', count)}</bdi>
      <select
        aria-label={trans.__('Sort cells')}
        value={sort}
        onChange={event => state.set({ sort: event.target.value as SortOrder })}
      >
        <option value="notebook">{trans.__('notebook order')}</option>
        <option value="cost">{trans.__('by cost')}</option>
      </select>
      <select
        aria-label={trans.__('Filter cells')}
        value={filter}
        onChange={event => state.set({ filter: event.target.value as RowFilter })}
      >
        <option value="all">{trans.__('all cells')}</option>
        <option value="failed">{trans.__('failed')}</option>
        <option value="stale">{trans.__('edited since')}</option>
        <option value="cpu">{trans.__('CPU')}</option>
        <option value="memory">{trans.__('memory')}</option>
        <option value="gpu">{trans.__('GPU')}</option>
        <option value="other">{trans.__('other')}</option>
      </select>
    </div>
  );
}

function Footer(props: {
  energy: IEnergy;
  notebook: NotebookEnergy;
  openSettings?: () => void;
}): React.JSX.Element {
  const { energy, notebook, openSettings } = props;
  const { trans, impact } = energy;
  useSignal(impact.changed);
  const view = notebook.view;
  const policy = view.runs[view.runs.length - 1]?.executions.at(-1)?.policy;
  const idle = {
    joules: view.idleJoules,
    low: null,
    high: null,
    kind: view.total.kind
  };
  return (
    <div className="jbk-Footer jbk-soft">
      <RemainderLine
        energy={energy}
        name={trans.__('No longer in the notebook')}
        id="gone"
        part={view.gone}
      />
      <RemainderLine
        energy={energy}
        name={trans.__('Earlier runs of these cells')}
        id="repeated"
        part={view.repeated}
      />
      {view.idleJoules !== null && policy === 'active' && (
        <div className="jbk-row">
          <span>{trans.__('Idle machine meanwhile (not in cells)')}</span>
          <span>{energy.formatter().bare(idle)}</span>
        </div>
      )}
      <div className="jbk-row">
        <span title={policyMeaning(policy, trans)}>
          {trans.__('Intervals are 95 %. Policy: %1.', policyName(policy, trans))}
        </span>
        {!impact.value?.carbon && (
          <button
            type="button"
            className="jbk-Link"
            disabled={!openSettings}
            title={trans.__('Carbon is shown once a zone is chosen in the settings.')}
            onClick={openSettings}
          >
            {trans.__('CO₂e: choose a zone')}
          </button>
        )}
      </div>
    </div>
  );
}

function policyName(policy: Policy | undefined, trans: TranslationBundle): string {
  switch (policy) {
    case 'active':
      return trans.__('active');
    case 'share-idle':
      return trans.__('share idle');
    case 'exclusive':
      return trans.__('exclusive');
    default:
      return '—';
  }
}

function policyMeaning(policy: Policy | undefined, trans: TranslationBundle): string {
  switch (policy) {
    case 'active':
      return trans.__('A cell gets its share of what the machine draws above idle.');
    case 'share-idle':
      return trans.__('A cell gets its share of all that the machine draws, idle power too.');
    case 'exclusive':
      return trans.__('A cell gets all that the machine draws while it runs.');
    default:
      return '';
  }
}

function RemainderLine(props: {
  energy: IEnergy;
  name: string;
  id: string;
  part: Remainder;
}): React.JSX.Element | null {
  const { energy, name, id, part } = props;
  if (part.count === 0) return null;
  const text = energy.formatter().energy(part.energy);
  return (
    <div className="jbk-row" data-part={id} data-count={part.count} {...dataOf(part.energy)}>
      <span>
        {name} ({part.count})
      </span>
      <span title={text.text}>
        {text.value} {text.interval}
      </span>
    </div>
  );
}
