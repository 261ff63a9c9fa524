// Draws the figures of a page with plotly, in the page's colours, when they come into view.
(() => {
  const figures = [...document.querySelectorAll('.joulebook-figure')];
  if (figures.length === 0 || !window.Plotly) return;
  const dark = () => {
    const theme = document.body.dataset.theme;
    return (
      theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
    );
  };

  function themed(layout) {
    const [ink, line, ground] = dark()
      ? ['#e4e7eb', '#434a54', '#20252b']
      : ['#1c2127', '#d4d8de', '#fff'];
    const axis = { gridcolor: line, linecolor: line, zerolinecolor: line, automargin: true };
    const made = {
      autosize: true,
      height: 360,
      margin: { l: 56, r: 16, t: layout.title ? 84 : 40, b: 48 },
      colorway: dark()
        ? ['#6cb6ff', '#ffb26b', '#7fe0a3', '#ff8f8a', '#c9a6ff', '#d3b3a6']
        : ['#1f77b4', '#d9730d', '#2a8a3e', '#c5312d', '#8356b4', '#7d5548'],
      legend: { orientation: 'h', x: 0, y: 1, yanchor: 'bottom' },
      ...layout,
      template: undefined,
      paper_bgcolor: 'rgba(0,0,0,0)',
      plot_bgcolor: 'rgba(0,0,0,0)',
      hoverlabel: { bgcolor: ground, bordercolor: line, font: { color: ink } },
      font: { size: 13, ...layout.font, color: ink }
    };
    for (const key of new Set(['xaxis', 'yaxis', ...Object.keys(layout)])) {
      if (/^[xy]axis\d*$/.test(key)) made[key] = { ...layout[key], ...axis };
    }
    return made;
  }

  function draw(element) {
    element.figure ??= JSON.parse(element.querySelector('script').textContent);
    let place = element.querySelector('.joulebook-live');
    if (!place) {
      place = document.createElement('div');
      place.className = 'joulebook-live';
      element.append(place);
    }
    const { data, layout, config } = element.figure;
    const drawn = window.Plotly.react(place, data, themed(layout), config);
    drawn.then(
      () => (element.querySelector('.joulebook-fallback').hidden = true),
      () => place.remove()
    );
  }

  const seen = new Set();
  const watch = new IntersectionObserver(
    entries => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        watch.unobserve(target);
        seen.add(target);
        draw(target);
      }
    },
    { rootMargin: '300px' }
  );
  figures.forEach(each => watch.observe(each));
  const again = () => seen.forEach(draw);
  new MutationObserver(again).observe(document.body, { attributeFilter: ['data-theme'] });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again);
  addEventListener('beforeprint', () => figures.forEach(draw));
})();
