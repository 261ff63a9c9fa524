import { PanelState } from './panel-state';

describe('the choices that are kept with the workspace', () => {
  it('come back as they were, without what belongs to one sitting', () => {
    const before = new PanelState();
    before.set({ page: 'history', sort: 'cost', filter: 'gpu', chart: 'runs', selected: 'a' });
    const after = new PanelState();
    after.restore(JSON.parse(JSON.stringify(before.lasting)));
    expect(after.choices).toMatchObject({
      ...{ page: 'history', sort: 'cost', filter: 'gpu', chart: 'runs' },
      selected: null
    });
  });
  it.each([null, undefined, 'x', [], { page: 'gone', sort: 1, filter: {} }])(
    'are the defaults where %p was kept',
    kept => {
      const state = new PanelState();
      state.restore(kept);
      expect(state.lasting).toEqual(new PanelState().lasting);
    }
  );
});
