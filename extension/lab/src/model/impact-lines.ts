import {
  type Amount,
  amountParts,
  sci,
  stretchLifetime,
  transferEnergy
} from 'kernel-helpers/impact/figures';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Impact } from '../api/impact-types';
import type { Energy, Execution } from '../api/types';
import { impactsOf, impactWhile } from './carbon';

/** One impact: its name, its value with the range, and where it comes from. */
export interface ImpactLine {
  id: string;
  name: string;
  /** Null where a setting is missing. */
  value: string | null;
  hint: string;
}

/** What impacts are told of. */
export interface Impacted {
  total: Energy;
  seconds: number;
  executions: readonly Execution[];
}

/** The impacts of some cells, each by itself: kinds are never added. */
export function impactLines(cells: Impacted, now: Impact, trans: TranslationBundle): ImpactLine[] {
  const impact = impactWhile(cells.executions, now);
  return [
    ...energyLines(cells, impact, trans),
    ...machineLines(cells, impact, trans),
    ...dataLines(cells.executions, trans)
  ];
}

function energyLines({ total }: Impacted, impact: Impact, trans: TranslationBundle): ImpactLine[] {
  const told = impactsOf(total, impact);
  const { carbon: figure, market, carbon_free: free, tariff } = impact;
  const missing = told?.water ? trans.__('choose a zone in the settings') : trans.__('no energy');
  return [
    {
      ...{ id: 'location', name: trans.__('Carbon, location-based') },
      ...valueOf(told?.carbon?.location, trans),
      hint: told?.carbon && figure ? carbonHint(impact, trans) : missing
    },
    ...(market && told?.carbon
      ? [
          {
            ...{ id: 'market', name: trans.__('Carbon, market-based') },
            ...valueOf(told.carbon.market, trans),
            hint: trans.__("by the supplier's contract, %1 g/kWh", market.value)
          }
        ]
      : []),
    ...(free
      ? [
          {
            ...{ id: 'carbon-free', name: trans.__('Carbon-free electricity') },
            value: `${Math.round(100 * free.value)} %`,
            hint: trans.__('%1, %2', free.source, free.year)
          }
        ]
      : []),
    {
      ...{ id: 'water', name: trans.__('Water') },
      ...valueOf(told?.water?.total, trans),
      hint: trans.__('at the site and at power stations')
    },
    {
      ...{ id: 'money', name: trans.__('Money') },
      ...valueOf(told?.money, trans),
      hint: tariff
        ? trans.__('%1 %2/kWh', tariff.value, tariff.currency)
        : trans.__('tell the price of a kilowatt-hour in the settings')
    }
  ];
}

function carbonHint(
  { carbon, zone, zone_name: name, pue }: Impact,
  trans: TranslationBundle
): string {
  if (!carbon) return '';
  const basis = carbon.basis === 'marginal' ? trans.__('marginal') : trans.__('average');
  const age =
    carbon.age_seconds === null
      ? String(carbon.year)
      : trans.__('%1 min old', Math.round(carbon.age_seconds / 60));
  const figure = trans.__(
    '%1: %2 g/kWh, %3, %4, PUE %5',
    ...[name ?? zone ?? '', Math.round(carbon.value), basis, age, pue.value]
  );
  const source = carbon.note ? `${carbon.source} · ${carbon.note}` : carbon.source;
  return trans.__('%1 · %2', figure, source);
}

function machineLines(cells: Impacted, impact: Impact, trans: TranslationBundle): ImpactLine[] {
  const { device } = impact;
  const told = impactsOf(cells.total, impact, cells.seconds);
  const name = trans.__('Making of the machine, by time used');
  if (!device) {
    const hint = trans.__('tell the machine and its years of use in the settings');
    return [{ id: 'machine', name, value: null, hint }];
  }
  const years = device.lifetime_years;
  const saved = stretchLifetime({ embodied: device, lifetimeYears: years });
  const hint = trans.__(
    '%1 over %2 years; a year longer saves %3 a year',
    ...[device.title, years, amountText(saved, trans)]
  );
  const machine = { id: 'machine', name, ...valueOf(told?.hardware, trans), hint };
  const [operational, embodied] = [told?.carbon?.location, told?.hardware];
  if (!operational || !embodied) return [machine];
  const boundary = trans.__(
    'metered parts of this machine and its making; without screen, networks, and storage elsewhere'
  );
  const units = cells.executions.length;
  const score = sci({ operational, embodied, units, unit: 'run', boundary });
  const part = (amount: Amount): string => amountText(amount, trans);
  return [
    machine,
    {
      ...{ id: 'score', name: trans.__('Software Carbon Intensity, each cell run') },
      value: part({ ...score, unit: 'g', kind: 'attributed' }),
      hint: trans.__(
        'operational %1, embodied %2; %3',
        ...[part(score.operational), part(score.embodied), boundary]
      )
    }
  ];
}

function dataLines(executions: readonly Execution[], trans: TranslationBundle): ImpactLine[] {
  const sum = (bytes: (execution: Execution) => number | null | undefined): number =>
    executions.reduce((total, execution) => total + (bytes(execution) ?? 0), 0);
  const [sent, received] = [
    sum(({ network }) => network?.sent_bytes),
    sum(({ network }) => network?.received_bytes)
  ];
  const pair = (a: number, b: number): string => trans.__('%1 and %2', bytesText(a), bytesText(b));
  return [
    {
      ...{ id: 'storage', name: trans.__('Read and written') },
      value: pair(
        sum(each => each.read_bytes),
        sum(each => each.written_bytes)
      ),
      hint: trans.__('its energy is in the joules already')
    },
    {
      ...{ id: 'network', name: trans.__('Sent and received meanwhile') },
      value: pair(sent, received),
      hint: trans.__('networks: %1, in no sum', amountText(transferEnergy(sent + received), trans))
    }
  ];
}

function valueOf(
  amount: Amount | null | undefined,
  trans: TranslationBundle
): { value: string | null } {
  return { value: amount ? amountText(amount, trans) : null };
}

/** An amount with its range and kind, as the report writes it. */
function amountText(amount: Amount, trans: TranslationBundle): string {
  const { value, low, high, unit } = amountParts(amount);
  const kind = kindName(amount, trans);
  return low === high
    ? trans.__('%1 %2 (%3)', value, unit, kind)
    : trans.__('%1 %2 (%3 to %4, %5)', ...[value, unit, low, high, kind]);
}

function kindName({ kind }: Amount, trans: TranslationBundle): string {
  switch (kind) {
    case 'measured':
      return trans.__('measured');
    case 'modelled':
      return trans.__('modelled');
    case 'attributed':
      return trans.__('attributed');
  }
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

function bytesText(bytes: number): string {
  const power = Math.min(4, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value.toPrecision(power === 0 || value >= 100 ? String(Math.round(value)).length : 3)} ${BYTE_UNITS[power]}`;
}
