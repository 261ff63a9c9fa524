import { BudgetWatch } from './budget';

describe('BudgetWatch', () => {
  it('speaks once at 80 % and once at 100 %', () => {
    const watch = new BudgetWatch();
    const said = [70, 81, 85, 100, 130].map(used => watch.check('run', used, 100));
    expect(said).toEqual([null, 'near', null, 'over', null]);
  });
  it('does not warn of coming near after the budget is spent', () => {
    const watch = new BudgetWatch();
    expect(watch.check('run', 120, 100)).toBe('over');
    expect(watch.check('run', 90, 100)).toBeNull();
  });
  it('starts afresh with another run', () => {
    const watch = new BudgetWatch();
    watch.check('one', 120, 100);
    expect(watch.check('two', 120, 100)).toBe('over');
  });
  it('is silent without a budget', () => {
    expect(new BudgetWatch().check('run', 1e9, 0)).toBeNull();
  });
});
