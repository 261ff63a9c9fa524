import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Domain, Sensor, Status } from '../api/types';

/** Says at a glance which parts are measured and which are modelled; opens the sensors' list. */
export function SensorPills(props: {
  sensors: readonly Sensor[];
  open: boolean;
  onToggle: () => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { sensors, open, onToggle, trans } = props;
  const active = sensors.filter(sensor => sensor.state === 'active');
  const measured = active.filter(sensor => sensor.kind === 'measured');
  const modelled = active.filter(sensor => sensor.kind === 'modelled');
  const troubles = (['denied', 'failing'] as const).flatMap(
    state => sensors.find(sensor => sensor.state === state) ?? []
  );
  const names = [...new Set(modelled.map(sensor => domainName(sensor.domain, trans)))].join(', ');
  return (
    <button
      type="button"
      className="jbk-Pills"
      aria-expanded={open}
      title={trans.__('Sensors: %1 measured, %2 modelled', measured.length, modelled.length)}
      onClick={onToggle}
    >
      <span className="jbk-hidden">{trans.__('Sensors:')}</span>
      {measured.length > 0 && (
        <span className="jbk-pill jbk-mod-measured">{trans.__('● measured')}</span>
      )}
      {modelled.length > 0 && (
        <span className="jbk-pill jbk-mod-modelled">
          {measured.length > 0 ? trans.__('%1 modelled', names) : trans.__('◌ modelled')}
        </span>
      )}
      {active.length === 0 && <span className="jbk-pill">{trans.__('no sensor')}</span>}
      {troubles.map(sensor => (
        <span key={sensor.state} className="jbk-pill jbk-mod-modelled">
          {stateName(sensor, trans)}
        </span>
      ))}
    </button>
  );
}

/** Every sensor, what it says, and how to make it available: the doctor's advice. */
export function SensorList(props: {
  sensors: readonly Sensor[];
  serves: Status['serves'];
  trans: TranslationBundle;
}): React.JSX.Element {
  const { sensors, serves, trans } = props;
  return (
    <ul className="jbk-SensorList" aria-label={trans.__('Sensors')}>
      {serves === 'system' && (
        <li className="jbk-soft">
          {trans.__(
            'One meter serves all users of this machine: the commands here are for its administrator.'
          )}
        </li>
      )}
      {sensors.map(sensor => (
        <li key={sensor.id}>
          <div className="jbk-row">
            <b>{domainName(sensor.domain, trans)}</b>
            <span className={`jbk-pill jbk-mod-${pillOf(sensor)}`}>{stateName(sensor, trans)}</span>
          </div>
          <div className="jbk-soft">{sensor.detail || sensor.device}</div>
          {sensor.remedy && <pre className="jbk-remedy">{sensor.remedy}</pre>}
        </li>
      ))}
      {sensors.length === 0 && <li>{trans.__('The meter found no sensor.')}</li>}
    </ul>
  );
}

/** What a domain is called in the interface. */
export function domainName(domain: Domain, trans: TranslationBundle): string {
  const names: Record<Domain, string> = {
    package: trans.__('CPU package'),
    dram: trans.__('Memory'),
    gpu: trans.__('GPU'),
    psys: trans.__('Platform'),
    battery: trans.__('Battery'),
    wall: trans.__('Wall socket'),
    core: trans.__('CPU cores'),
    uncore: trans.__('CPU uncore')
  };
  return names[domain] ?? domain;
}

function pillOf(sensor: Sensor): string {
  return sensor.state === 'active' || sensor.state === 'contained' ? sensor.kind : 'off';
}

function stateName(sensor: Sensor, trans: TranslationBundle): string {
  switch (sensor.state) {
    case 'active':
      return sensor.kind === 'measured' ? trans.__('measured') : trans.__('modelled');
    case 'contained':
      return trans.__('inside another, not added');
    case 'duplicate':
      return trans.__('seen twice, counted once');
    case 'denied':
      return trans.__('no permission');
    case 'failing':
      return trans.__('failing');
    case 'absent':
      return trans.__('absent');
  }
}
