import * as React from 'react';
import type { Energy } from '../api/types';
import { type CellDifference, difference, sharesError } from '../model/compare';
import { type Run, runTotal } from '../model/runs';
import type { IEnergy } from '../tokens';

/** Two runs side by side: the difference of each cell, and whether it exceeds the intervals. */
export function Comparison(props: {
  energy: IEnergy;
  before: Run;
  after: Run;
  differences: readonly CellDifference[];
  onChart: () => void;
}): React.JSX.Element {
  const { energy, before, after, differences, onChart } = props;
  const { trans } = energy;
  const totals = { before: runTotal(before), after: runTotal(after) };
  const change = difference(totals.before, totals.after);
  const all: CellDifference = {
    key: 'total',
    line: trans.__('Whole run'),
    ...totals,
    change,
    exceeds: change !== null && (change.low > 0 || change.high < 0)
  };
  return (
    <table className="jbk-Comparison">
      <caption className="jbk-soft">
        {trans.__('Earlier and later run; a change in bold exceeds the intervals.')}{' '}
        {sharesError(differences) &&
          trans.__('Modelled figures share errors, so that a change not in bold may be real.')}{' '}
        <button type="button" className="jbk-Link" onClick={onChart}>
          {trans.__('Show as a chart')}
        </button>
      </caption>
      <thead>
        <tr>
          <th scope="col">{trans.__('Cell')}</th>
          <th scope="col">{trans.__('Earlier')}</th>
          <th scope="col">{trans.__('Later')}</th>
          <th scope="col">{trans.__('Change')}</th>
        </tr>
      </thead>
      <tbody>
        {[all, ...differences].map(item => (
          <DifferenceLine key={item.key} item={item} energy={energy} />
        ))}
      </tbody>
    </table>
  );
}

function DifferenceLine(props: { item: CellDifference; energy: IEnergy }): React.JSX.Element {
  const { item, energy } = props;
  const { trans } = energy;
  const format = energy.formatter();
  const value = (part: Energy | null): string => (part ? format.energy(part).value : '—');
  const { change } = item;
  const tone = !change || !item.exceeds ? '' : change.joules > 0 ? 'jbk-mod-more' : 'jbk-mod-less';
  return (
    <tr data-key={item.key} data-change={change?.joules} data-exceeds={item.exceeds}>
      <th scope="row" title={item.line ?? item.key}>
        {item.line ?? trans.__('(no longer in the notebook)')}
      </th>
      <td>{value(item.before)}</td>
      <td>{value(item.after)}</td>
      <td className={tone}>
        {change ? signed(format.bare({ ...change, kind: 'measured' })) : '—'}
        {!item.exceeds && (
          <span className="jbk-hidden">
            {change ? trans.__('within the intervals') : trans.__('nothing to compare with')}
          </span>
        )}
      </td>
    </tr>
  );
}

/** A change with its sign, unless its digits are all zeros. */
function signed(text: string): string {
  if (text.startsWith('-')) return `−${text.slice(1)}`;
  return /[1-9]/.test(text) ? `+${text}` : text;
}
