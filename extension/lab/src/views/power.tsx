import * as React from 'react';
import type { Power } from '../api/types';
import { PARTS, splitPower } from '../model/split';
import type { IEnergy } from '../tokens';
import { useSignal } from './hooks';
import { partName } from './part-names';
import { type ChartMark, PowerChart } from './power-chart';
import { SensorList, SensorPills } from './sensors';

/** Live power: the figure, how it is known, and the last minute by part of the machine. */
export function PowerSection({ energy }: { energy: IEnergy }): React.JSX.Element {
  const { meter, trans } = energy;
  const [details, setDetails] = React.useState(false);
  useSignal(meter.powerChanged);
  useSignal(meter.statusChanged);
  const now = meter.now;
  const { sensors = [], serves = 'user' } = meter.status ?? {};
  const legend = now ? legendOf(now, energy) : [];
  return (
    <section className="jbk-Section" aria-label={trans.__('Power now')}>
      <div className="jbk-row">
        <span
          className="jbk-now jbk-value"
          title={now ? range(now, energy) : undefined}
          data-watts={now?.total.watts ?? undefined}
          data-kind={now?.total.kind}
        >
          <span className="jbk-big">{now ? figure(now, energy) : '—'}</span>{' '}
          <span>{trans.__('W now')}</span>
        </span>
        <SensorPills
          sensors={sensors}
          open={details}
          onToggle={() => setDetails(!details)}
          trans={trans}
        />
      </div>
      {details && <SensorList sensors={sensors} serves={serves} trans={trans} />}
      <PowerChart
        samples={meter.lastMinute}
        marks={marksOf(energy)}
        summary={legend.map(({ name, text }) => `${name} ${text} W`).join(', ')}
        trans={trans}
      />
      <div className="jbk-legend jbk-soft">
        {legend.map(({ part, name, text }) => (
          <span key={part}>
            <i className={`jbk-swatch jbk-mod-${part}`} />
            <bdi>
              {name} {text}
            </bdi>
          </span>
        ))}
      </div>
    </section>
  );
}

function figure(power: Power, energy: IEnergy): string {
  const { watts } = power.total;
  return watts === null ? '—' : energy.formatter().watts(watts, halfWidth(power));
}

/** The interval of the power now, for whoever points at it. */
function range({ total: { low, high, kind } }: Power, { trans, formatter }: IEnergy): string {
  if (low === null || high === null) return '';
  const [from, to] = [formatter().power(low), formatter().power(high)];
  return kind === 'modelled'
    ? trans.__('%1 to %2, modelled', from, to)
    : trans.__('%1 to %2', from, to);
}

function halfWidth({ total: { low, high } }: Power): number | null {
  return low === null || high === null ? null : (high - low) / 2;
}

function legendOf(
  power: Power,
  energy: IEnergy
): { part: (typeof PARTS)[number]; name: string; text: string }[] {
  const split = splitPower(power);
  const relative = (halfWidth(power) ?? 0) / Math.max(power.total.watts ?? 0, 1e-9);
  return PARTS.filter(part => split[part] > 0.005).map(part => ({
    part,
    name: partName(part, energy.trans),
    text: energy.formatter().watts(split[part], split[part] * relative)
  }));
}

/** Where the cells of the last minute began, on the page's clock. */
function marksOf({ meter, notebooks }: IEnergy): ChartMark[] {
  const oldest = meter.lastMinute[0]?.at;
  const executions = notebooks.current?.view.runs.at(-1)?.executions ?? [];
  if (oldest === undefined) return [];
  return executions
    .slice(-20)
    .map(e => ({ at: meter.pageTime(e.started_at), label: `[${e.execution_count ?? '*'}]` }))
    .filter(mark => mark.at >= oldest)
    .filter((mark, index, all) => (all[index + 1]?.at ?? Infinity) - mark.at > 3_000);
}
