import { figureOf } from '../figure.ts';
import { figureSvg } from './figure-svg.ts';

describe('figureOf', () => {
  it('knows figures by their members', () => {
    expect(figureOf({ data: [{ type: 'bar', y: [1] }] })?.layout).toEqual({});
    expect(figureOf({ data: [1, 2], layout: {} })).toBeUndefined();
    expect(figureOf({ data: [{ y: [1] }], layout: {}, other: 1 })).toBeUndefined();
  });
});

type Given = Record<string, unknown>;
const draw = (data: Given | Given[], layout: Given = {}) =>
  figureSvg({ data: Array.isArray(data) ? data : [data], layout });
/** Numbers of the coloured rectangles: those of bars and cells. */
const rects = (svg: string) =>
  [
    ...svg.matchAll(
      /<rect x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)" fill="(?!none)/g
    )
  ]
    .map(([, ...numbers]) => numbers.map(Number))
    .map(([x = 0, y = 0, width = 0, height = 0]) => ({ x, y, width, height }));
const labels = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);
const logarithmic = { yaxis: { type: 'log', title: { text: 'loss' } } };

describe('lines and points', () => {
  it('have the values at their places', () => {
    const [, points = ''] = /points="([^"]*)"/.exec(draw({ y: [0, 1] })) ?? [];
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = points.split(/[ ,]/).map(Number);
    expect(x1).toBeLessThan(x2);
    expect(y1).toBeGreaterThan(y2);
  });
  it('leave values out that a logarithmic axis cannot hold', () => {
    expect(draw({ y: [1, 0, 10] }, logarithmic)).toMatch(/points="[\d.]+,[\d.]+ [\d.]+,[\d.]+"/);
  });
  it('are thinned where they are many', () => {
    const svg = draw({ y: Array.from({ length: 50_000 }, (_, n) => n + 1) }, logarithmic);
    expect(svg.length).toBeLessThan(30_000);
  });
  it('have dots on their line where the mode says so, and the colour that the figure gives', () => {
    const svg = draw({ y: [1, 2, 3], mode: 'lines+markers', line: { color: 'crimson' } });
    expect(svg.match(/<circle[^>]*fill="crimson"/g)).toHaveLength(3);
    expect(draw({ y: [1], mode: 'markers', marker: { color: '"/><script>' } })).not.toContain(
      'script'
    );
  });
  it('have error bars, also of two lengths and in percent', () => {
    const whiskers = (error_y: Given) =>
      [...draw({ y: [10, 10], error_y }).matchAll(/<path d="M[\d.]+,([\d.]+)V([\d.]+)M/g)].map(
        ([, low, high]) => Number(low) - Number(high)
      );
    const even = whiskers({ type: 'data', array: [1, 2] });
    expect(even[1]! / even[0]!).toBeCloseTo(2, 1);
    const uneven = whiskers({ type: 'data', array: [1, 1], arrayminus: [1, 3] });
    expect(uneven[1]! / uneven[0]!).toBeCloseTo(2, 1);
    expect(whiskers({ type: 'percent', value: 10 })).toHaveLength(2);
    expect(whiskers({ type: 'constant', value: 1, visible: false })).toHaveLength(0);
  });
  it('have days at their axis where their places are dates', () => {
    const svg = draw({ x: ['2026-01-01', '2026-02-01', '2026-03-01'], y: [1, 2, 3] });
    expect(labels(svg).filter(label => /^2026-0[12]-\d\d$/.test(label ?? ''))).toHaveLength(4);
  });
});

describe('bars', () => {
  const two = [
    { type: 'bar', x: ['a', 'b'], y: [1, 3] },
    { type: 'bar', x: ['a', 'b'], y: [2, 1] }
  ];

  it('stand side by side, or on one another', () => {
    const beside = rects(draw(two));
    expect(beside[0]!.x + beside[0]!.width).toBeCloseTo(beside[2]!.x, 0);
    const stacked = rects(draw(two, { barmode: 'stack' }));
    expect(stacked[2]!.x).toBe(stacked[0]!.x);
    expect(stacked[2]!.y + stacked[2]!.height).toBeCloseTo(stacked[0]!.y, 0);
    expect(stacked[1]!.height / stacked[0]!.height).toBeCloseTo(3, 1);
  });
  it('may lie on their side, with their names in full', () => {
    const svg = draw({ type: 'bar', orientation: 'h', y: ['short', 'a longer name'], x: [1, 2] });
    const [first, second] = rects(svg);
    expect(second!.width / first!.width).toBeCloseTo(2, 1);
    expect(labels(svg)).toEqual(expect.arrayContaining(['short', 'a longer name']));
  });
  it('count the values of a histogram', () => {
    const bins = rects(draw({ type: 'histogram', x: [0, 0.1, 0.2, 1.9, 2], nbinsx: 2 }));
    expect(bins[0]!.height / bins[1]!.height).toBeCloseTo(1.5, 1);
    expect(bins[0]!.x + bins[0]!.width).toBeCloseTo(bins[1]!.x, 0);
  });
});

describe('fields of values', () => {
  it('are coloured cells, the lowest dark and the highest yellow', () => {
    const svg = draw({
      type: 'heatmap',
      z: [
        [0, 1],
        [2, 3]
      ]
    });
    expect(rects(svg)).toHaveLength(4);
    expect(svg).toContain('rgb(68,1,84)');
    expect(svg).toContain('rgb(253,231,37)');
  });
  it('lie below a path, as of an optimiser, and stay small where they are large', () => {
    const z = Array.from({ length: 500 }, (_, y) => Array.from({ length: 500 }, (_, x) => x * y));
    const svg = draw([
      { type: 'contour', z },
      { x: [10, 200], y: [10, 300] }
    ]);
    expect(svg.indexOf('<polyline')).toBeGreaterThan(svg.lastIndexOf('rgb('));
    expect(svg.length).toBeLessThan(250_000);
  });
});

describe('what a still picture cannot show', () => {
  it.each([
    ['another kind', { type: 'surface', z: [[1]] }, 'Interactive figure: surface'],
    ['a second axis', { y: [1], yaxis: 'y2' }, 'Interactive figure: scatter']
  ])('of %s is named, not left empty', (_, trace, name) => {
    const said = labels(draw([{ y: [1, 2] }, trace], { title: 'Loss' }));
    expect(said.join()).toContain(name);
    expect(said).toContain('Loss');
  });
});
