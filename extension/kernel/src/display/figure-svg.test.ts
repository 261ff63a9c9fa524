import { figureOf } from './figure.ts';
import { figureSvg } from './figure-svg.ts';

describe('figureOf', () => {
  it('knows figures by their members', () => {
    expect(figureOf({ data: [{ type: 'bar', y: [1] }] })?.layout).toEqual({});
    expect(figureOf({ data: [1, 2], layout: {} })).toBeUndefined();
    expect(figureOf({ data: [{ y: [1] }], layout: {}, other: 1 })).toBeUndefined();
  });
});

describe('figureSvg', () => {
  const draw = (...data: Record<string, unknown>[]) =>
    figureSvg({ data, layout: { yaxis: { type: 'log', title: { text: 'loss' } } } });

  it('draws lines with the values at their places', () => {
    const svg = figureSvg({ data: [{ y: [0, 1] }], layout: {} }) ?? '';
    const [, points = ''] = /points="([^"]*)"/.exec(svg) ?? [];
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = points.split(/[ ,]/).map(Number);
    expect(x1).toBeLessThan(x2);
    expect(y1).toBeGreaterThan(y2);
  });
  it('leaves values out that a logarithmic axis cannot hold', () => {
    expect(draw({ y: [1, 0, 10] })).toMatch(/points="[\d.]+,[\d.]+ [\d.]+,[\d.]+"/);
  });
  it('thins long lines', () => {
    const svg = draw({ y: Array.from({ length: 50_000 }, (_, n) => n + 1) }) ?? '';
    expect(svg.length).toBeLessThan(30_000);
  });
  it('does not draw what it cannot', () => {
    expect(draw({ type: 'heatmap', z: [[1]] })).toBeUndefined();
  });
});
