import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { CHART_SPAN_MS, type PowerSample } from '../model/meter';
import { PARTS, type Part, splitPower } from '../model/split';
import { useSize } from './hooks';

/** A moment to point out in the chart. */
export interface ChartMark {
  at: number;
  label: string;
}

/** The power of the last minute as stacked areas, the newest reading at the end. */
export function PowerChart(props: {
  samples: readonly PowerSample[];
  marks: readonly ChartMark[];
  summary: string;
  trans: TranslationBundle;
}): React.JSX.Element {
  const [ref, width] = useSize<HTMLDivElement>();
  const height = 56;
  const { samples, marks } = props;
  const end = samples[samples.length - 1]?.at ?? 0;
  const x = (at: number): number => width - ((end - at) / CHART_SPAN_MS) * width;
  const areas = stack(samples);
  const y = (watts: number): number => height - (watts / areas.top) * (height - 10);
  const label = props.trans.__('Power of the last minute. %1', props.summary);
  return (
    <div className="jbk-PowerChart" ref={ref}>
      <svg role="img" aria-label={label} width={width} height={height}>
        {areas.parts.map(({ part, bounds }) => (
          <polygon
            key={part}
            className={`jbk-area jbk-mod-${part}`}
            points={outline(samples, bounds, x, y)}
          />
        ))}
        <text className="jbk-span" x={0} y={9}>
          {props.trans.__('60 s')}
        </text>
        {marks.map(mark => (
          <g key={mark.label} className="jbk-mark">
            <line x1={x(mark.at)} x2={x(mark.at)} y1={0} y2={height} />
            <MarkLabel at={x(mark.at)} width={width} label={mark.label} />
          </g>
        ))}
      </svg>
    </div>
  );
}

/** The name of a moment, on that side of its line where there is room. */
function MarkLabel(props: { at: number; width: number; label: string }): React.JSX.Element {
  const { at, width, label } = props;
  const left = at + 7 * label.length > width;
  return (
    <text x={left ? at - 3 : at + 3} y={9} textAnchor={left ? 'end' : 'start'}>
      {label}
    </text>
  );
}

interface Area {
  part: Part;
  bounds: [number, number][];
}

function stack(samples: readonly PowerSample[]): { parts: Area[]; top: number } {
  const floors = samples.map(() => 0);
  const splits = samples.map(sample => splitPower(sample.power));
  const parts = PARTS.map(part => ({
    part,
    bounds: splits.map((split, index): [number, number] => {
      const low = floors[index] ?? 0;
      floors[index] = low + split[part];
      return [low, floors[index] ?? 0];
    })
  }));
  return { parts, top: Math.max(1, ...floors) };
}

function outline(
  samples: readonly PowerSample[],
  bounds: [number, number][],
  x: (at: number) => number,
  y: (watts: number) => number
): string {
  const point = (index: number, side: 0 | 1): string =>
    `${x(samples[index]?.at ?? 0).toFixed(1)},${y(bounds[index]?.[side] ?? 0).toFixed(1)}`;
  const forth = bounds.map((_, index) => point(index, 1));
  const back = bounds.map((_, index) => point(index, 0)).reverse();
  return [...forth, ...back].join(' ');
}
