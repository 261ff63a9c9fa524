import * as React from 'react';
import type { LabErrorCode } from '../errors';
import type { IEnergy } from '../tokens';
import { useSignal } from './hooks';

/** Says what to do while the daemon is not there, or is too old. */
export function Notice({ energy }: { energy: IEnergy }): React.JSX.Element | null {
  const { meter, trans } = energy;
  useSignal(meter.connectionChanged);
  const { connection } = meter;
  if (connection.state === 'live') return null;
  if (connection.state === 'connecting') {
    return <div className="jbk-Notice jbk-soft">{trans.__('Looking for the energy meter…')}</div>;
  }
  const [title, advice] =
    connection.state === 'old'
      ? [
          trans.__(
            'The energy meter is of version %1, too old for this panel.',
            connection.version
          ),
          trans.__('Update joulebook where the Jupyter server runs and start the server again.')
        ]
      : adviceFor(connection.error.code, energy);
  return (
    <div className="jbk-Notice jbk-mod-problem" role="alert">
      <b>{title}</b>
      <div>{advice}</div>
      {connection.state === 'lost' && (
        <div className="jbk-soft jbk-Notice-detail">{connection.error.message}</div>
      )}
      <button type="button" className="jbk-Button" onClick={() => meter.retry()}>
        {trans.__('Try again now')}
      </button>
    </div>
  );
}

function adviceFor(code: LabErrorCode, { trans }: IEnergy): [string, string] {
  const returns = trans.__('The panel tries again by itself; what runs meanwhile is not lost.');
  switch (code) {
    case 'api/absent':
      return [
        trans.__('The Jupyter server has no energy meter.'),
        trans.__('Install joulebook where the server runs, and start the server again.')
      ];
    case 'api/daemon-down':
      return [trans.__('The energy meter does not answer.'), returns];
    case 'api/refused':
      return [
        trans.__('The Jupyter server refused access to the energy meter.'),
        trans.__('Log in again and reload the page.')
      ];
    case 'api/unreachable':
      return [trans.__('The connection to the energy meter is lost.'), returns];
    default:
      return [trans.__('The energy meter reports an error.'), returns];
  }
}
