type Layout = Record<string, unknown>;

/**
 * A figure's layout in the colours of the page. What the figure itself says stands; its template,
 * in which plotly's own light colours come, only where it is not one of those.
 * @param node An element whose style decides which colours hold.
 */
export function themedLayout(node: Element, layout: Layout): Layout {
  const style = getComputedStyle(node);
  const colour = (name: string, fallback: string): string =>
    style.getPropertyValue(name).trim() || fallback;
  const ink = colour('--jp-ui-font-color1', '#222');
  const line = colour('--jp-border-color2', '#ccc');
  const axis = { gridcolor: line, linecolor: line, zerolinecolor: line, automargin: true };
  const intervals = { error_x: { color: ink }, error_y: { color: ink } };
  const themed: Layout = {
    autosize: true,
    height: 320,
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    margin: { l: 56, r: 16, t: layout.title ? 48 : 16, b: 48 },
    colorway: palette(colour),
    // Plotly draws intervals in a grey that is lost on a dark page.
    template: { data: { bar: [intervals], scatter: [intervals] } },
    modebar: {
      bgcolor: 'rgba(0,0,0,0)',
      color: colour('--jp-ui-font-color2', '#666'),
      activecolor: ink
    },
    hoverlabel: {
      bgcolor: colour('--jp-layout-color2', '#eee'),
      bordercolor: line,
      font: { color: colour('--jp-ui-font-color0', '#000') }
    },
    ...layout,
    font: {
      color: ink,
      family: colour('--jp-ui-font-family', 'sans-serif'),
      size: 12,
      ...(layout.font as Layout | undefined)
    }
  };
  for (const key of new Set(['xaxis', 'yaxis', ...Object.keys(layout)])) {
    if (/^[xy]axis\d*$/.test(key))
      themed[key] = { ...axis, ...(layout[key] as Layout | undefined) };
  }
  return themed;
}

/** Colours of the traces, in their order, from the page's theme. */
export function palette(colour: (name: string, fallback: string) => string): string[] {
  return [
    colour('--jp-brand-color1', '#1976d2'),
    colour('--jp-warn-color1', '#f57c00'),
    colour('--jp-success-color1', '#388e3c'),
    colour('--jp-error-color1', '#d32f2f'),
    colour('--jp-info-color1', '#0097a7'),
    colour('--jp-brand-color3', '#90caf9')
  ];
}
