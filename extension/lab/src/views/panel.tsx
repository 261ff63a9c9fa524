import { ReactWidget, settingsIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import type { NotebookEnergy } from '../model/notebook';
import type { Row } from '../model/row';
import type { IEnergy } from '../tokens';
import { Announcer } from './announcer';
import { ChartsPage } from './charts-page';
import { HistoryPage } from './history-page';
import { useSignal } from './hooks';
import { energyIcon } from './icon';
import { ImpactPage } from './impact-page';
import { Notice } from './notice';
import type { Page, PanelState } from './panel-state';
import { PowerSection } from './power';
import { RunPage } from './run-page';
import { TotalSection } from './total';

/** What the panel can do beyond showing. */
export interface PanelActions {
  /** Goes to the cell of a row in the notebook in front. */
  goToCell: (row: Row) => void;
  /** Opens the extension's settings; absent where there is no settings editor. */
  openSettings?: () => void;
}

/** The sidebar **Energy**. Nothing is rendered while it is hidden. */
export class EnergyPanel extends ReactWidget {
  constructor(
    private readonly energy: IEnergy,
    private readonly state: PanelState,
    private readonly actions: PanelActions
  ) {
    super();
    this.id = 'joulebook-energy';
    this.title.icon = energyIcon;
    this.title.caption = energy.trans.__('Energy');
    this.addClass('jbk-Panel');
    this.node.tabIndex = -1;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', energy.trans.__('Energy'));
  }

  /** The panel's content, or nothing while nobody sees it. */
  protected override render(): React.JSX.Element | null {
    if (!this.isVisible) return null;
    return <PanelContent energy={this.energy} state={this.state} actions={this.actions} />;
  }

  /** Draws the content when the panel comes into sight. */
  protected override onAfterShow(): void {
    this.update();
  }

  /** Takes the content away, and with it all that listens. */
  protected override onAfterHide(): void {
    this.update();
  }
}

function PanelContent(props: {
  energy: IEnergy;
  state: PanelState;
  actions: PanelActions;
}): React.JSX.Element {
  const { energy, actions } = props;
  const { notebooks, preferences, trans } = energy;
  useSignal(notebooks.currentChanged);
  useSignal(preferences.changed);
  const notebook = notebooks.current;
  return (
    <>
      <div className="jbk-Header">
        <h2>{trans.__('Energy')}</h2>
        {actions.openSettings && (
          <button
            type="button"
            className="jbk-IconButton"
            title={trans.__('Energy settings')}
            aria-label={trans.__('Energy settings')}
            onClick={actions.openSettings}
          >
            <settingsIcon.react tag="span" width="16px" />
          </button>
        )}
      </div>
      <Notice energy={energy} />
      <PowerSection energy={energy} />
      {notebook ? (
        <NotebookPart {...props} notebook={notebook} key={notebook.path} />
      ) : (
        <div className="jbk-Empty jbk-soft">
          {trans.__('Open a notebook to see what its cells cost.')}
        </div>
      )}
    </>
  );
}

function NotebookPart(props: {
  energy: IEnergy;
  state: PanelState;
  actions: PanelActions;
  notebook: NotebookEnergy;
}): React.JSX.Element {
  const { energy, state, actions, notebook } = props;
  useSignal(state.changed);
  useSignal(energy.impact.changed);
  const { page } = state.choices;
  return (
    <>
      <TotalSection energy={energy} notebook={notebook} />
      <Tabs energy={energy} state={state} />
      <div
        role="tabpanel"
        id="jbk-page"
        className="jbk-Page"
        aria-labelledby={`jbk-tab-${page}`}
        tabIndex={-1}
      >
        {page === 'run' && (
          <RunPage
            energy={energy}
            notebook={notebook}
            state={state}
            onActivate={actions.goToCell}
            openSettings={actions.openSettings}
          />
        )}
        {page === 'history' && <HistoryPage energy={energy} notebook={notebook} state={state} />}
        {page === 'charts' && <ChartsPage energy={energy} notebook={notebook} state={state} />}
        {page === 'impact' && (
          <ImpactPage energy={energy} notebook={notebook} openSettings={actions.openSettings} />
        )}
      </div>
      <Announcer energy={energy} notebook={notebook} />
    </>
  );
}

function Tabs({ energy, state }: { energy: IEnergy; state: PanelState }): React.JSX.Element {
  const { trans } = energy;
  const pages: [Page, string][] = [
    ['run', trans.__('This run')],
    ['history', trans.__('History')],
    ['charts', trans.__('Charts')],
    ['impact', trans.__('Impact')]
  ];
  const { page } = state.choices;
  const onKeyDown = (event: React.KeyboardEvent<HTMLElement>): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0;
    if (step === 0) return;
    event.preventDefault();
    const rtl = getComputedStyle(event.currentTarget).direction === 'rtl' ? -1 : 1;
    const at = pages.findIndex(([id]) => id === page);
    const next = pages[(at + step * rtl + pages.length) % pages.length];
    if (!next) return;
    state.set({ page: next[0] });
    event.currentTarget.querySelector<HTMLElement>(`#jbk-tab-${next[0]}`)?.focus();
  };
  return (
    <div role="tablist" className="jbk-Tabs" onKeyDown={onKeyDown}>
      {pages.map(([id, name]) => (
        <button
          key={id}
          id={`jbk-tab-${id}`}
          type="button"
          role="tab"
          aria-selected={page === id}
          aria-controls="jbk-page"
          tabIndex={page === id ? 0 : -1}
          onClick={() => state.set({ page: id })}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
