import { defaultSettings, type Settings } from '../store/settings.ts';
import { changeIn, settingNames } from './assignments.ts';

const unset = defaultSettings({});
const laptop: Settings = {
  ...unset,
  impact: { ...unset.impact, device: { name: 'laptop', lifetime_years: 6 } }
};

describe('changeIn', () => {
  it.each([
    ['zone=GB', { impact: { zone: 'GB' } }],
    ['zone=none', { impact: { zone: null } }],
    ['tariff=0.31', { impact: { tariff: 0.31 } }],
    ['supplier_grams_per_kwh=none', { impact: { supplier_grams_per_kwh: null } }],
    ['policy=share-idle', { policy: 'share-idle' }],
    ['retention_days=30', { retention_days: 30 }],
    ['device=laptop', { impact: { device: { name: 'laptop', lifetime_years: 4 } } }],
    ['device=310', { impact: { device: { embodied_kg: 310, lifetime_years: 4 } } }],
    ['device=none', { impact: { device: null } }]
  ])('reads %s', (assignment, change) => {
    expect(changeIn(assignment, unset)).toEqual(change);
  });

  it('changes device and lifetime one without the other', () => {
    const server = { impact: { device: { name: 'server', lifetime_years: 6 } } };
    expect(changeIn('device=server', laptop)).toEqual(server);
    const longer = { impact: { device: { name: 'laptop', lifetime_years: 8 } } };
    expect(changeIn('lifetime_years=8', laptop)).toEqual(longer);
  });

  it.each([
    'colour=red',
    'zone',
    'zone=',
    'pue=high',
    'device=toaster',
    'policy=fair',
    'lifetime_years=5'
  ])('refuses %s', assignment => {
    expect(() => changeIn(assignment, unset)).toThrow(
      expect.objectContaining({ code: 'cli/bad-argument' }) as Error
    );
  });

  it('knows every setting that the meter keeps', () => {
    const { impact, ...others } = unset;
    const names = Object.keys({ ...others, ...impact, lifetime_years: 0 });
    expect(Object.keys(settingNames).sort()).toEqual(names.sort());
  });
});
