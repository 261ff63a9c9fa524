import * as React from 'react';
import type { ForecastStep, Impact } from '../api/impact-types';
import { gramsOf, impactWhile, priceOf } from '../model/carbon';
import type { Energy, Execution } from '../api/types';
import type { IEnergy } from '../tokens';

/** The carbon of executions, with where its coefficient comes from for whoever points at it. */
export function CarbonFigure(props: {
  value: Energy;
  executions: readonly Execution[];
  energy: IEnergy;
}): React.JSX.Element | null {
  const { value, executions, energy } = props;
  const impact = impactWhile(executions, energy.impact.value);
  const grams = gramsOf(value, impact);
  if (!grams || !impact) return null;
  const format = energy.formatter();
  const hint = [format.carbon(grams).text, ...sourceOf(impact, energy), priceText(value, energy)];
  return (
    <span
      className="jbk-carbon"
      data-grams={grams.value}
      data-grams-low={grams.low}
      data-grams-high={grams.high}
      title={hint.filter(Boolean).join('\n')}
    >
      <bdi>{format.carbon(grams).value}</bdi>
    </span>
  );
}

/** What the coefficient is, line by line. */
function sourceOf(impact: Impact, { trans, formatter }: IEnergy): string[] {
  const { carbon, zone, zone_name: name, pue } = impact;
  if (!carbon) return [];
  const perKwh = formatter().quantity(carbon.value, null);
  const basis = carbon.basis === 'marginal' ? trans.__('marginal') : trans.__('average');
  return [
    trans.__('%1: %2 g/kWh (%3), PUE %4', name ?? zone ?? '', perKwh, basis, pue.value),
    trans.__('%1, %2', carbon.source, carbon.year),
    carbon.note ?? ''
  ];
}

function priceText(value: Energy, energy: IEnergy): string {
  const impact = energy.impact.value;
  const price = priceOf(value, impact);
  if (price === null || !impact?.tariff) return '';
  return energy.trans.__('costs %1', energy.formatter().price(price, impact.tariff.currency));
}

/** The carbon of electricity in the hours to come, and when it is lowest. */
export function ForecastStrip({ energy }: { energy: IEnergy }): React.JSX.Element | null {
  const { trans, impact } = energy;
  const steps = comingSteps(impact.value?.forecast ?? []);
  if (steps.length < 2) return null;
  const top = Math.max(...steps.map(step => step.grams_per_kwh), 1e-9);
  const best = steps.reduce((a, b) => (b.grams_per_kwh < a.grams_per_kwh ? b : a));
  const now = steps[0];
  const format = energy.formatter();
  const grams = (step: ForecastStep | undefined): string =>
    format.quantity(step?.grams_per_kwh ?? 0, 3);
  const summary = trans.__(
    'Carbon now %1 g/kWh, lowest %2 at %3',
    grams(now),
    grams(best),
    timeOf(best.from)
  );
  return (
    <section className="jbk-Section jbk-Forecast" aria-label={trans.__('Carbon forecast')}>
      <div className="jbk-strip" role="img" aria-label={summary}>
        {steps.map(step => (
          <i
            key={step.from}
            className={step === best ? 'jbk-mod-best' : ''}
            style={{ height: `${Math.max(6, (step.grams_per_kwh / top) * 100)}%` }}
            title={trans.__('%1: %2 g/kWh', timeOf(step.from), grams(step))}
          />
        ))}
      </div>
      <div className="jbk-soft">{summary}</div>
    </section>
  );
}

/** The next two days, from the step that holds now. */
function comingSteps(forecast: readonly ForecastStep[]): ForecastStep[] {
  const now = Date.now();
  return forecast
    .filter(step => Date.parse(step.to) > now && Date.parse(step.from) < now + 48 * 3_600_000)
    .sort((a, b) => Date.parse(a.from) - Date.parse(b.from));
}

function timeOf(date: string): string {
  const time = new Date(date);
  const far = time.getTime() - Date.now() > 20 * 3_600_000;
  return time.toLocaleString(undefined, {
    ...(far ? { weekday: 'short' as const } : {}),
    hour: '2-digit',
    minute: '2-digit'
  });
}
