import type { TranslationBundle } from '@jupyterlab/translation';
import type { Formatter } from '../format/formatter';
import type { CellDifference } from '../model/compare';
import type { Energy } from '../api/types';
import type { PowerSample } from '../model/meter';
import type { Row } from '../model/row';
import { type Run, runTotal } from '../model/runs';
import type { PlotlyFigure } from '../renderer/plotly';
import { promptOf } from './row-text';

/** What the figures need to write their texts. */
export interface FigureTexts {
  format: Formatter;
  trans: TranslationBundle;
  /** A date of the daemon on the page's clock, in ms. */
  pageTime: (date: string) => number;
}

/** Leaves room for the buttons above, in px. */
const MARGIN = { l: 44, r: 8, t: 34, b: 44 };

/** How much of a cell's first line stands beside its bars. */
const LABEL_LENGTH = 16;

const NOTHING: Energy = { joules: null, low: null, high: null, kind: 'missing' };

/** Text that plotly shows must not be read as its HTML subset. */
function plain(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * Power over time: each execution as a block as wide as its time and as high as its mean power, so
 * that its area is its energy, and the machine's power where the page has seen it.
 */
export function timelineFigure(
  rows: readonly Row[],
  samples: readonly PowerSample[],
  texts: FigureTexts
): PlotlyFigure {
  const { format, trans, pageTime } = texts;
  const lasted = (row: Row): number => row.seconds ?? row.elapsed ?? 0;
  const ran = rows.filter(row => row.execution && lasted(row) > 0 && row.watts);
  const blocks = ran.map(row => {
    const start = pageTime(row.execution?.started_at ?? '');
    const end = start + lasted(row) * 1e3;
    const watts = row.watts?.value ?? 0;
    const name = plain(`${promptOf(row)} ${row.line}`);
    const hover = `${name}<br>${plain(format.energy(row.energy).text)}<br>${format.duration(lasted(row))}`;
    return {
      type: 'scatter',
      mode: 'lines',
      x: [start, start, end, end, start].map(dateOf),
      y: [0, watts, watts, 0, 0],
      fill: 'toself',
      hoveron: 'fills+points',
      name,
      text: hover,
      hoverinfo: 'text',
      line: { width: 1 }
    };
  });
  const first = Math.min(...ran.map(row => pageTime(row.execution?.started_at ?? '')));
  const seen = samples.filter(sample => sample.at >= first - 5_000);
  const machine = {
    type: 'scatter',
    mode: 'lines',
    x: seen.map(sample => dateOf(sample.at)),
    y: seen.map(sample => sample.power.total.watts),
    name: trans.__('machine'),
    line: { width: 1, dash: 'dot' },
    hovertemplate: `%{y:.3g} W<extra>${trans.__('machine')}</extra>`
  };
  return {
    data: seen.length > 0 ? [...blocks, machine] : blocks,
    layout: {
      showlegend: false,
      margin: MARGIN,
      hovermode: 'closest',
      yaxis: { title: { text: trans.__('power (W)') }, rangemode: 'tozero' },
      xaxis: { type: 'date' }
    },
    config: {}
  };
}

/** The energy of each cell with its interval. */
export function cellsFigure(rows: readonly Row[], texts: FigureTexts): PlotlyFigure {
  const { format, trans } = texts;
  const known = rows.filter(row => row.energy.joules !== null);
  return {
    data: [
      {
        type: 'bar',
        orientation: 'h',
        x: known.map(row => row.energy.joules),
        y: known.map((row, index) => `${promptOf(row)}${'\u200b'.repeat(index)}`),
        error_x: errorBars(known.map(row => row.energy)),
        hovertext: known.map(row => plain(`${row.line} · ${format.energy(row.energy).text}`)),
        hoverinfo: 'text'
      }
    ],
    layout: {
      margin: MARGIN,
      height: Math.max(220, 60 + known.length * 22),
      xaxis: { title: { text: trans.__('energy (J)') }, rangemode: 'tozero' },
      yaxis: { autorange: 'reversed' }
    },
    config: {}
  };
}

/** Two runs side by side: what each cell took in the earlier and in the later one. */
export function comparisonFigure(
  differences: readonly CellDifference[],
  texts: FigureTexts
): PlotlyFigure {
  const { format, trans } = texts;
  const names = differences.map(({ line, key }, index) => {
    const name = plain((line ?? key).slice(0, LABEL_LENGTH));
    // Cells of one first line must stay two bars: plotly joins equal names.
    return `${name}${'\u200b'.repeat(index)}`;
  });
  const bars = (title: string, energies: (Energy | null)[]): object => ({
    type: 'bar',
    orientation: 'h',
    name: title,
    x: energies.map(energy => energy?.joules ?? null),
    y: names,
    error_x: errorBars(energies.map(energy => energy ?? NOTHING)),
    hovertext: differences.map(({ line, key }, i) => {
      const energy = energies[i];
      return plain(`${line ?? key} · ${title} · ${energy ? format.energy(energy).text : '—'}`);
    }),
    hoverinfo: 'text'
  });
  return {
    data: [
      bars(
        trans.__('Earlier'),
        differences.map(({ before }) => before)
      ),
      bars(
        trans.__('Later'),
        differences.map(({ after }) => after)
      )
    ],
    layout: {
      barmode: 'group',
      // The legend stands between the buttons and the bars.
      margin: { ...MARGIN, t: 58 },
      height: Math.max(260, 120 + differences.length * 36),
      legend: { orientation: 'h', x: 0, y: 1, yanchor: 'bottom' },
      xaxis: { title: { text: trans.__('energy (J)') }, rangemode: 'tozero' },
      yaxis: { autorange: 'reversed' }
    },
    config: {}
  };
}

/** The total of each run with its interval, oldest first. */
export function runsFigure(runs: readonly Run[], texts: FigureTexts): PlotlyFigure {
  const { format, trans, pageTime } = texts;
  const totals = runs.map(runTotal);
  return {
    data: [
      {
        type: 'bar',
        x: runs.map((_, index) => String(index + 1)),
        y: totals.map(total => total.joules),
        error_y: errorBars(totals),
        hovertext: runs.map((run, index) => {
          const total = totals[index];
          const when = new Date(pageTime(run.startedAt)).toLocaleString();
          return plain(`${when} · ${run.kernelName} · ${total ? format.energy(total).text : ''}`);
        }),
        hoverinfo: 'text'
      }
    ],
    layout: {
      margin: MARGIN,
      xaxis: { title: { text: trans.__('run') }, type: 'category' },
      yaxis: { title: { text: trans.__('energy (J)') }, rangemode: 'tozero' }
    },
    config: {}
  };
}

function errorBars(
  energies: readonly { joules: number | null; low: number | null; high: number | null }[]
): object {
  const above = energies.map(e => (e.high ?? e.joules ?? 0) - (e.joules ?? 0));
  const below = energies.map(e => (e.joules ?? 0) - (e.low ?? e.joules ?? 0));
  return {
    type: 'data',
    symmetric: false,
    array: above,
    arrayminus: below,
    thickness: 1,
    width: 3
  };
}

function dateOf(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, -1);
}
