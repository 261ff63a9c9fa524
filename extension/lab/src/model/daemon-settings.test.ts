import { Signal } from '@lumino/signaling';
import { devices, type DeviceName } from 'kernel-helpers/impact/figures';
import schema from '../../schema/energy.json';
import type { DaemonSettings } from '../api/types';
import { LabError } from '../errors';
import { keepDaemonSettings } from './daemon-settings';
import { Preferences } from './preferences';

function setUp(takes: (change: Partial<DaemonSettings>) => boolean = () => true) {
  const given: Partial<DaemonSettings>[] = [];
  const meter = { synchronise: new Signal<never, void>({} as never) };
  const preferences = new Preferences();
  const api = {
    setDaemonSettings: (change: Partial<DaemonSettings>) => {
      given.push(change);
      return takes(change)
        ? Promise.resolve()
        : Promise.reject(new LabError('api/bad-request', 'no zone Atlantis'));
    }
  };
  const refusals: string[] = [];
  keepDaemonSettings(api, meter, preferences, why => refusals.push(why));
  return { given, meter, preferences, refusals };
}

describe('keepDaemonSettings', () => {
  it('tells the daemon nothing that the user did not choose', () => {
    const { given, meter, preferences } = setUp();
    meter.synchronise.emit();
    preferences.update({ unit: 'Wh' });
    expect(given).toEqual([]);
  });
  it('hands over policy, retention and impact when they are chosen, and again on its return', () => {
    const { given, meter, preferences } = setUp();
    preferences.update({ policy: 'exclusive', retentionDays: 30, carbonZone: 'GB', pue: 1.2 });
    const both = [
      { policy: 'exclusive', retention_days: 30 },
      { impact: { zone: 'GB', pue: 1.2 } }
    ];
    expect(given).toEqual(both);
    meter.synchronise.emit();
    expect(given).toEqual([...both, ...both]);
  });
  it('takes the zone away when it is called none', () => {
    const { given, preferences } = setUp();
    preferences.update({ carbonZone: 'none' });
    expect(given).toEqual([{ impact: { zone: null } }]);
  });
  it('hands over the machine by name or by a figure, with its years of use', () => {
    const { given, preferences } = setUp();
    preferences.update({ deviceEmbodiedKg: 300 });
    preferences.update({ device: 'laptop' });
    preferences.update({ deviceEmbodiedKg: 300, deviceLifetimeYears: 6 });
    expect(given).toEqual([
      { impact: { device: { name: 'laptop', lifetime_years: 4 } } },
      { impact: { device: { embodied_kg: 300, lifetime_years: 6 } } }
    ]);
  });
  it('offers the machines of the table, with their figures', () => {
    const offered = schema.properties.device.oneOf.filter(({ const: name }) => name !== 'keep');
    expect(offered.map(({ const: name }) => name)).toEqual(Object.keys(devices));
    for (const { const: name, title } of offered) {
      const { value, low, high } = devices[name as DeviceName];
      expect(title).toContain(`${value} kg (${low} to ${high})`);
    }
  });
  it('still hands over the policy to a daemon that takes no impacts', () => {
    const { given, preferences } = setUp(change => !('impact' in change));
    preferences.update({ carbonZone: 'GB' });
    preferences.update({ carbonZone: 'GB', policy: 'active' });
    expect(given).toContainEqual({ policy: 'active' });
  });
  it('tells once what the daemon does not take, and takes the next choice to it', async () => {
    const { given, meter, preferences, refusals } = setUp(
      change => change.impact?.zone !== 'Atlantis'
    );
    preferences.update({ carbonZone: 'Atlantis' });
    await Promise.resolve();
    preferences.update({ carbonZone: 'Atlantis', unit: 'Wh' });
    meter.synchronise.emit();
    await Promise.resolve();
    expect([given.length, refusals]).toEqual([1, ['no zone Atlantis']]);
    preferences.update({ carbonZone: 'GB' });
    expect(given[1]).toEqual({ impact: { zone: 'GB' } });
  });
});
