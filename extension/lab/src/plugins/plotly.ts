import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IThemeManager } from '@jupyterlab/apputils';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { PLOTLY_MIME_TYPE, plotlyFactory } from '../renderer/plotly';

/** Renders plotly charts in outputs, unless another extension brings a renderer for them. */
export const plotlyPlugin: JupyterFrontEndPlugin<void> = {
  id: 'joulebook-lab:plotly',
  description: 'Renders application/vnd.plotly.v1+json with plotly.js, loaded at first use.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [IThemeManager],
  /** Adds the renderer where there is none. */
  activate: (
    _: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    themes: IThemeManager | null
  ): void => {
    if (rendermime.getFactory(PLOTLY_MIME_TYPE)) return;
    rendermime.addFactory(plotlyFactory(themes?.themeChanged ?? null));
  }
};
