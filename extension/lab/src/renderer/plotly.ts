import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { ISignal } from '@lumino/signaling';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { LabError } from '../errors';
import { loadPlotly, LOCAL_ONLY, type Plotly } from './load';
import { themedLayout } from './theme';

/** The MIME type under which plotly charts travel in notebooks. */
export const PLOTLY_MIME_TYPE = 'application/vnd.plotly.v1+json';

/** A chart as plotly.js takes it. */
export interface PlotlyFigure {
  data: object[];
  layout: Record<string, unknown>;
  config: Record<string, unknown>;
}

/** Emitted when the page changes between light and dark; the arguments do not matter. */
export type ThemeSignal = ISignal<unknown, unknown>;

/**
 * Checks that a value is a figure.
 * @throws LabError `plot/invalid` when there is no list of traces.
 */
export function parseFigure(value: unknown): PlotlyFigure {
  const figure = (value ?? {}) as Partial<PlotlyFigure>;
  if (!Array.isArray(figure.data)) {
    const found = figure.data === undefined ? 'none' : typeof figure.data;
    throw new LabError(
      'plot/invalid',
      `expected a plotly figure with a list "data", got ${found}; pass { data: [...], layout: {...} }`
    );
  }
  return { data: figure.data, layout: figure.layout ?? {}, config: figure.config ?? {} };
}

/** A chart in an output, in the colours of the page. */
export class PlotlyRenderer extends Widget implements IRenderMime.IRenderer {
  private figure: PlotlyFigure | null = null;
  private plotly: Plotly | null = null;
  private observer: ResizeObserver | null = null;

  constructor(private readonly theme: ThemeSignal | null) {
    super();
    this.addClass('jbk-Plotly');
    theme?.connect(this.onTheme);
  }

  /** Draws a model, or keeps it until it is in the page; plotly.js is fetched with the first one. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.figure = parseFigure(model.data[PLOTLY_MIME_TYPE]);
    this.plotly = await loadPlotly();
    await this.draw();
  }

  /** Frees what plotly.js holds. */
  override dispose(): void {
    if (this.isDisposed) return;
    this.theme?.disconnect(this.onTheme);
    this.observer?.disconnect();
    this.plotly?.purge(this.node);
    super.dispose();
  }

  /** Follows the width of the output from the moment it is in the page. */
  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    void this.draw();
    if (typeof ResizeObserver === 'undefined' || this.observer) return;
    let width = this.node.clientWidth;
    this.observer = new ResizeObserver(() => {
      if (this.node.clientWidth === width || this.node.clientWidth === 0) return;
      width = this.node.clientWidth;
      void this.draw();
    });
    this.observer.observe(this.node);
  }

  private readonly onTheme = (): void => {
    // The new theme's variables hold only after its style sheet has been applied.
    requestAnimationFrame(() => void this.draw());
  };

  private async draw(): Promise<void> {
    // Out of the page there are neither colours nor a width to go by.
    if (this.isDisposed || !this.isAttached || !this.plotly || !this.figure) return;
    const { data, layout, config } = this.figure;
    await this.plotly.react(this.node, data, themedLayout(this.node, layout), {
      responsive: false,
      ...config,
      ...LOCAL_ONLY
    });
  }
}

/** Makes renderers that follow the page's theme. */
export function plotlyFactory(theme: ThemeSignal | null): IRenderMime.IRendererFactory {
  return {
    safe: true,
    mimeTypes: [PLOTLY_MIME_TYPE],
    defaultRank: 50,
    createRenderer: () => new PlotlyRenderer(theme)
  };
}
