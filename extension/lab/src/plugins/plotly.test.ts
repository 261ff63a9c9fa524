import type { JupyterFrontEnd } from '@jupyterlab/application';
import { RenderMimeRegistry } from '@jupyterlab/rendermime';
import { PLOTLY_MIME_TYPE, plotlyFactory } from '../renderer/plotly';
import { plotlyPlugin } from './plotly';

describe('the renderer of charts', () => {
  const activate = (registry: RenderMimeRegistry) =>
    plotlyPlugin.activate({} as JupyterFrontEnd, registry, null);

  it('is ours where there is none', () => {
    const registry = new RenderMimeRegistry();
    void activate(registry);
    expect(registry.getFactory(PLOTLY_MIME_TYPE)).toBeDefined();
  });

  it("is another extension's where one brings it, before or after ours", () => {
    const before = new RenderMimeRegistry();
    const other = plotlyFactory(null);
    before.addFactory(other);
    void activate(before);
    expect(before.getFactory(PLOTLY_MIME_TYPE)).toBe(other);
    const after = new RenderMimeRegistry();
    void activate(after);
    after.addFactory(other);
    expect(after.getFactory(PLOTLY_MIME_TYPE)).toBe(other);
  });
});
