import { DEFAULTS, Preferences } from './preferences';

describe('Preferences', () => {
  it('tells of real changes only', () => {
    const preferences = new Preferences();
    const seen: string[] = [];
    preferences.changed.connect((_, values) => seen.push(values.unit));
    preferences.update({ ...DEFAULTS });
    preferences.update({ ...DEFAULTS, unit: 'Wh' });
    preferences.update({ ...DEFAULTS, unit: 'Wh', budgets: {} });
    expect(seen).toEqual(['Wh']);
  });
  it('takes the default for what is invalid', () => {
    const preferences = new Preferences();
    preferences.update({
      unit: 'BTU',
      budget: -1,
      badges: 'below',
      retentionDays: 'x',
      budgets: []
    });
    expect(preferences.values).toEqual(DEFAULTS);
  });
  it('lets the budget of a notebook outrank the general one', () => {
    const preferences = new Preferences();
    preferences.update({ ...DEFAULTS, budget: 100, budgets: { 'a.ipynb': 5 } });
    expect(preferences.budgetOf('a.ipynb')).toBe(5);
    expect(preferences.budgetOf('b.ipynb')).toBe(100);
  });
});
