import * as React from 'react';
import { compareRuns } from '../model/compare';
import type { NotebookEnergy } from '../model/notebook';
import { type Run, runSeconds, runTotal } from '../model/runs';
import type { IEnergy } from '../tokens';
import { Comparison } from './comparison';
import { useSignal } from './hooks';
import type { PanelState } from './panel-state';
import { dataOf } from './table-row';

/** The runs of this notebook over time; two of them can be set side by side. */
export function HistoryPage(props: {
  energy: IEnergy;
  notebook: NotebookEnergy;
  state: PanelState;
}): React.JSX.Element {
  const { energy, notebook, state } = props;
  const { trans } = energy;
  useSignal(notebook.changed);
  useSignal(state.changed);
  const { runs } = notebook.view;
  const newest = [...runs].reverse();
  const chosen = runs.filter(run => state.choices.compared.includes(run.id));
  const picked = chosen.map(run => run.id);
  const pick = (id: string): void =>
    state.set({
      compared: picked.includes(id) ? picked.filter(p => p !== id) : [...picked, id].slice(-2)
    });
  const [before, after] = chosen;
  if (runs.length === 0) {
    return <div className="jbk-Empty jbk-soft">{trans.__('No run has been measured yet.')}</div>;
  }
  return (
    <div className="jbk-Scroll">
      <p className="jbk-soft jbk-Hint">
        {trans.__('A run lasts from one start of the kernel to the next. Choose two to compare.')}
      </p>
      <ul className="jbk-Runs" aria-label={trans.__('Runs of this notebook')}>
        {newest.map(run => (
          <RunLine
            key={run.id}
            run={run}
            energy={energy}
            picked={picked.includes(run.id)}
            newest={newest[0] ?? run}
            onPick={() => pick(run.id)}
          />
        ))}
      </ul>
      <OlderButton energy={energy} notebook={notebook} />
      {before && after && (
        <Comparison
          energy={energy}
          before={before}
          after={after}
          differences={compareRuns(notebook.cellList, before, after)}
          onChart={() => state.set({ page: 'charts', chart: 'compare' })}
        />
      )}
    </div>
  );
}

function RunLine(props: {
  run: Run;
  energy: IEnergy;
  picked: boolean;
  newest: Run;
  onPick: () => void;
}): React.JSX.Element {
  const { run, energy, picked, newest, onPick } = props;
  const { trans, meter } = energy;
  const format = energy.formatter();
  const total = runTotal(run);
  const text = format.energy(total);
  const when = new Date(meter.pageTime(run.startedAt)).toLocaleString(undefined, {
    dateStyle: 'short',
    timeStyle: 'short'
  });
  return (
    <li data-run-id={run.id} {...dataOf(total)}>
      <label className="jbk-RunLine">
        <input type="checkbox" checked={picked} onChange={onPick} />
        <span className="jbk-RunLine-text">
          <span className="jbk-row">
            <bdi>{run === newest ? trans.__('%1 · this run', when) : when}</bdi>
            <span className="jbk-energy" title={format.meaning(total, run.executions)}>
              {text.value}
            </span>
          </span>
          <span className="jbk-row jbk-soft">
            <bdi className="jbk-ellipsis">
              {trans._n('%1 execution', '%1 executions', run.executions.length)} ·{' '}
              {format.duration(runSeconds(run))}
            </bdi>
            <bdi>{text.interval}</bdi>
          </span>
          {run.kernelName !== newest.kernelName && (
            <span className="jbk-row jbk-soft">{energy.kernelTitle(run.kernelName)}</span>
          )}
        </span>
      </label>
    </li>
  );
}

function OlderButton(props: {
  energy: IEnergy;
  notebook: NotebookEnergy;
}): React.JSX.Element | null {
  const { energy, notebook } = props;
  const { trans } = energy;
  const [state, setState] = React.useState<'ready' | 'busy' | 'all'>('ready');
  if (state === 'all') return null;
  const more = async (): Promise<void> => {
    setState('busy');
    try {
      setState((await notebook.loadOlder()) > 0 ? 'ready' : 'all');
    } catch {
      // The notice at the top of the panel says what is wrong with the daemon.
      setState('ready');
    }
  };
  return (
    <button
      type="button"
      className="jbk-Button jbk-Older"
      disabled={state === 'busy'}
      onClick={() => void more()}
    >
      {trans.__('Older runs')}
    </button>
  );
}
