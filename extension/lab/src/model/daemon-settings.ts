import type { EnergyApi } from '../api/requests';
import type { DaemonSettings } from '../api/types';
import type { MeterModel } from './meter';
import type { Preferences, PreferenceValues } from './preferences';

/** Hands policy and retention to the daemon when the user chose them, now and whenever it returns. */
export function keepDaemonSettings(
  api: Pick<EnergyApi, 'setDaemonSettings'>,
  meter: MeterModel,
  preferences: Preferences
): void {
  let given = '';
  const hand = async (): Promise<void> => {
    const change = chosen(preferences.values);
    const text = JSON.stringify(change);
    if (text === given || text === '{}') return;
    try {
      await api.setDaemonSettings(change);
      given = text;
    } catch {
      // Without a daemon there is nobody to tell; its return brings the next attempt.
    }
  };
  preferences.changed.connect(() => void hand());
  meter.synchronise.connect(() => {
    given = '';
    void hand();
  });
}

function chosen({ policy, retentionDays }: PreferenceValues): Partial<DaemonSettings> {
  return {
    ...(policy === 'keep' ? {} : { policy }),
    ...(retentionDays === null ? {} : { retention_days: retentionDays })
  };
}
