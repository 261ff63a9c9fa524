/** The part of plotly.js that is used. */
export interface Plotly {
  react(
    node: HTMLElement,
    data: object[],
    layout: Record<string, unknown>,
    config: Record<string, unknown>
  ): Promise<HTMLElement>;
  purge(node: HTMLElement): void;
}

/** Holds for every chart: none has a button that sends it to a service elsewhere. */
export const LOCAL_ONLY = { displaylogo: false, showSendToCloud: false } as const;

/** Fetches plotly.js, a chunk of its own, the first time it is asked for. */
export async function loadPlotly(): Promise<Plotly> {
  const { default: plotly } = await import('plotly.js-dist-min');
  // The package's types want traces known at compile time; ours come from notebooks.
  return plotly as unknown as Plotly;
}
