import * as React from 'react';
import { compareRuns, runsToCompare } from '../model/compare';
import type { NotebookEnergy } from '../model/notebook';
import type { Run } from '../model/runs';
import { loadPlotly, LOCAL_ONLY, type Plotly } from '../renderer/load';
import type { PlotlyFigure } from '../renderer/plotly';
import { themedLayout } from '../renderer/theme';
import type { IEnergy } from '../tokens';
import { cellsFigure, comparisonFigure, runsFigure, timelineFigure } from './figures';
import { useSignal } from './hooks';
import type { Chart, PanelState } from './panel-state';

/** Charts of the notebook; plotly.js is fetched when the page is first opened. */
export function ChartsPage(props: {
  energy: IEnergy;
  notebook: NotebookEnergy;
  state: PanelState;
}): React.JSX.Element {
  const { energy, notebook, state } = props;
  const { trans } = energy;
  useSignal(notebook.changed);
  useSignal(state.changed);
  const { chart, compared } = state.choices;
  const pair = runsToCompare(notebook.view.runs, compared);
  const figure = figureOf(chart, energy, notebook, pair);
  return (
    <div className="jbk-Scroll">
      <div className="jbk-Tools jbk-soft">
        <span>{trans.__('Chart')}</span>
        <select
          aria-label={trans.__('Which chart')}
          value={chart}
          onChange={event => state.set({ chart: event.target.value as Chart })}
        >
          <option value="timeline">{trans.__('power over time')}</option>
          <option value="cells">{trans.__('energy by cell')}</option>
          <option value="runs">{trans.__('energy by run')}</option>
          <option value="compare">{trans.__('two runs compared')}</option>
        </select>
      </div>
      {figure && <Figure key={chart} name={chart} figure={figure} energy={energy} />}
      <p className="jbk-soft jbk-ChartNote">{noteOf(chart, pair !== null, energy)}</p>
    </div>
  );
}

function noteOf(chart: Chart, comparable: boolean, { trans }: IEnergy): string {
  switch (chart) {
    case 'timeline':
      return trans.__('Each block is one cell; its area is its energy. Dotted: the whole machine.');
    case 'cells':
    case 'runs':
      return trans.__('Bars with their 95 % intervals.');
    case 'compare':
      return comparable
        ? trans.__('The two newest runs, or those chosen under History; 95 % intervals.')
        : trans.__('There is only one run so far. Start the kernel again and run the cells.');
  }
}

function figureOf(
  chart: Chart,
  energy: IEnergy,
  notebook: NotebookEnergy,
  pair: readonly [Run, Run] | null
): PlotlyFigure | null {
  const { meter, trans } = energy;
  const texts = {
    format: energy.formatter(),
    trans,
    pageTime: (date: string) => meter.pageTime(date)
  };
  const { rows, runs } = notebook.view;
  if (chart === 'timeline') return timelineFigure(rows, meter.power, texts);
  if (chart === 'cells') return cellsFigure(rows, texts);
  if (chart === 'runs') return runsFigure(runs, texts);
  return pair && comparisonFigure(compareRuns(notebook.cellList, ...pair), texts);
}

function Figure(props: { name: Chart; figure: PlotlyFigure; energy: IEnergy }): React.JSX.Element {
  const { name, figure, energy } = props;
  const ref = React.useRef<HTMLDivElement>(null);
  const [plotly, setPlotly] = React.useState<Plotly | null>(null);
  const [theme, onTheme] = React.useReducer((n: number) => n + 1, 0);
  const [failed, setFailed] = React.useState(false);
  useSignal(energy.themeChanged);
  React.useEffect(() => {
    let gone = false;
    const node = ref.current;
    void loadPlotly().then(
      loaded => !gone && setPlotly(loaded),
      () => !gone && setFailed(true)
    );
    const later = (): void => void requestAnimationFrame(onTheme);
    energy.themeChanged?.connect(later);
    return () => {
      gone = true;
      energy.themeChanged?.disconnect(later);
      if (node) void loadPlotly().then(loaded => loaded.purge(node));
    };
  }, [energy]);
  // Drawing costs more than a progress event is worth: only a change of what is drawn draws.
  const drawn = JSON.stringify(figure);
  React.useEffect(() => {
    const node = ref.current;
    if (!plotly || !node) return;
    const { data, layout } = JSON.parse(drawn) as PlotlyFigure;
    void plotly.react(node, data, themedLayout(node, layout), {
      ...LOCAL_ONLY,
      displayModeBar: true,
      responsive: true,
      // The saved picture is sharp also in print.
      toImageButtonOptions: { filename: `energy-${name}`, scale: 3 },
      modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d', 'zoomIn2d', 'zoomOut2d']
    });
  }, [plotly, drawn, theme, name]);
  return (
    <div className="jbk-Figure" ref={ref} role="figure" aria-label={energy.trans.__('Chart')}>
      {!plotly && (
        <span className="jbk-soft">
          {failed
            ? energy.trans.__('plotly.js could not be loaded; is the server reachable?')
            : energy.trans.__('Loading the chart…')}
        </span>
      )}
    </div>
  );
}
