import plugins from './index';

describe('the extension', () => {
  it('names each plugin after the package and describes it', () => {
    for (const plugin of plugins) {
      expect(plugin.id).toMatch(/^joulebook-lab:[a-z-]+$/);
      expect(plugin.description).toBeTruthy();
    }
    expect(new Set(plugins.map(plugin => plugin.id)).size).toBe(plugins.length);
  });
});
