import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Energy, Execution } from '../api/types';
import type { Formatter } from '../format/formatter';
import type { Item } from '../model/items';
import { PARTS, type Split } from '../model/split';
import type { Row } from '../model/row';
import { metaText, promptOf, splitText, spokenRow, toneOf } from './row-text';

/** What a line of the table needs. */
export interface LineProps {
  item: Item;
  /** Position in the whole table, from 1, as assistive technology counts. */
  position: number;
  top: number;
  height: number;
  selected: boolean;
  /** The row's part of the run's total, between 0 and 1. */
  share: number;
  focusable: boolean;
  format: Formatter;
  trans: TranslationBundle;
  onActivate: (row: Row) => void;
  onToggle: (row: Row) => void;
}

/** One line of the table; drawn again only when what it shows has changed. */
export const Line = React.memo(function Line(props: LineProps): React.JSX.Element {
  const { item, position, top, height, focusable } = props;
  const row = item.row;
  const block = item.type === 'measure';
  const energy = block ? item.measure.total : row.energy;
  return (
    <div
      role="row"
      aria-level={block ? item.depth + 2 : 1}
      aria-rowindex={position}
      aria-selected={props.selected}
      aria-expanded={block || !row.execution?.measures.length ? undefined : item.expanded}
      aria-label={block ? undefined : spokenRow(row, props.format, props.trans)}
      tabIndex={focusable ? 0 : -1}
      className={classOf(props)}
      style={{ top, height }}
      onClick={() => props.onActivate(row)}
      {...(block ? { 'data-measure-id': item.measure.id } : { 'data-cell-id': row.cellId })}
      data-key={item.key}
      data-status={block ? undefined : row.status}
      data-seconds={block ? undefined : (row.seconds ?? undefined)}
      {...dataOf(energy)}
    >
      {block ? <MeasureLine {...props} item={item} /> : <CellLine {...props} row={row} />}
    </div>
  );
});

/** The raw figures of an energy as data attributes; a missing one has none. */
export function dataOf(energy: Energy): Record<`data-${string}`, number | string | undefined> {
  return {
    'data-joules': energy.joules ?? undefined,
    'data-low': energy.low ?? undefined,
    'data-high': energy.high ?? undefined,
    'data-kind': energy.kind
  };
}

function classOf({ item, selected }: LineProps): string {
  const names = ['jbk-Line', item.type === 'measure' ? 'jbk-mod-block' : 'jbk-mod-cell'];
  if (selected && item.type === 'cell') names.push('jbk-mod-selected');
  if (item.row.stale) names.push('jbk-mod-stale');
  if (item.row.earlier) names.push('jbk-mod-earlier');
  names.push(`jbk-tone-${toneOf(item.row)}`);
  return names.join(' ');
}

function CellLine(props: LineProps & { row: Row }): React.JSX.Element {
  const { row, format, trans } = props;
  const text = format.energy(row.energy);
  const live = row.status === 'running';
  const meta = metaText(row, format, trans);
  const blocks = row.execution?.measures.length ?? 0;
  return (
    <>
      <span role="gridcell" className="jbk-prompt">
        {promptOf(row)}
      </span>
      <span role="gridcell" className="jbk-code">
        {row.line || trans.__('(empty)')}
      </span>
      <span role="gridcell" className="jbk-energy" title={format.meaning(row.energy, ran(row))}>
        {row.execution ? text.value : ''}{' '}
        <small>{live ? trans.__('and counting') : text.interval}</small>
      </span>
      <span role="gridcell" className="jbk-detail">
        <Bar split={row.split} share={props.share} title={splitText(row, format, trans)} />
        <span className="jbk-meta">
          <span className="jbk-meta-text" title={meta}>
            {meta}
          </span>
          {blocks > 0 && (
            <button
              type="button"
              tabIndex={-1}
              className="jbk-fold"
              onClick={event => {
                event.stopPropagation();
                props.onToggle(row);
              }}
            >
              {props.item.type === 'cell' && props.item.expanded ? '▾ ' : '▸ '}
              <bdi>{trans._n('%1 block', '%1 blocks', blocks)}</bdi>
            </button>
          )}
          <bdi className="jbk-share">{props.share > 0 ? format.share(props.share) : ''}</bdi>
        </span>
      </span>
    </>
  );
}

/** What the carbon of a row is weighed by. */
function ran({ execution }: Row): readonly Execution[] {
  return execution ? [execution] : [];
}

function MeasureLine(props: LineProps & { item: Item & { type: 'measure' } }): React.JSX.Element {
  const { item, format } = props;
  const { measure } = item;
  const text = format.energy(measure.total);
  const seconds = measure.end_ns === null ? null : (measure.end_ns - measure.start_ns) / 1e9;
  return (
    <>
      <span
        role="gridcell"
        className="jbk-block-label"
        style={{ paddingInlineStart: `${item.depth}em` }}
        dir="auto"
        title={measure.label}
      >
        {measure.label}
      </span>
      <span role="gridcell" className="jbk-block-time">
        {seconds === null ? '' : format.duration(seconds)}
      </span>
      <span
        role="gridcell"
        className="jbk-energy"
        title={format.meaning(measure.total, ran(item.row))}
      >
        {text.value} <small>{text.interval}</small>
      </span>
    </>
  );
}

function Bar(props: { split: Split; share: number; title: string }): React.JSX.Element {
  const { split, share, title } = props;
  const sum = PARTS.reduce((total, part) => total + split[part], 0);
  const width = (part: keyof Split): string =>
    `${((split[part] / (sum || 1)) * share * 100).toFixed(2)}%`;
  const shown = PARTS.filter(part => split[part] > 0);
  return (
    <span className="jbk-bar" title={title} aria-hidden="true">
      {shown.map(part => (
        <i key={part} className={`jbk-mod-${part}`} style={{ width: width(part) }} />
      ))}
    </span>
  );
}
