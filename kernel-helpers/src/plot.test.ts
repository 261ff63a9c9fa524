import { lineFigure, plot } from './plot.ts';
import { coded } from './fixtures/coded.ts';

const display = Symbol.for('joulebook.display');
const kernel = globalThis as Record<symbol, unknown>;

describe('plot', () => {
  afterEach(() => {
    delete kernel[display];
  });

  it('hands a plotly figure and a text to the kernel', () => {
    const shown: unknown[] = [];
    kernel[display] = (bundle: unknown) => shown.push(bundle);
    plot({ data: [{ name: 'loss', y: [1, NaN] }] });
    expect(shown).toEqual([
      {
        'application/vnd.plotly.v1+json': { data: [{ name: 'loss', y: [1, null] }], layout: {} },
        'text/plain': '[figure: loss]'
      }
    ]);
  });

  it('says where it works when there is no kernel', () => {
    expect(() => plot({ data: [] })).toThrow(coded('display/missing'));
  });

  it('refuses a figure that would swell the notebook', () => {
    kernel[display] = () => undefined;
    const y = new Array<number>(600_000).fill(1.2345678);
    expect(() => plot({ data: [{ y }] })).toThrow(coded('display/too-large'));
  });
});

describe('lineFigure', () => {
  it('draws each line over its index', () => {
    const { data, layout } = lineFigure({ a: [3, 2, 1] }, { title: 'T', x: 'step', logY: true });
    expect(data[0]).toMatchObject({ name: 'a', x: [0, 1, 2], y: [3, 2, 1] });
    expect(layout).toMatchObject({ title: { text: 'T' }, yaxis: { type: 'log' } });
  });

  it('keeps both ends and every peak of a long line', () => {
    const values = Array.from({ length: 100_000 }, (_, i) => (i === 51_234 ? 99 : Math.sin(i)));
    const { x, y } = lineFigure({ a: values }).data[0] as { x: number[]; y: number[] };
    expect(x.length).toBeLessThanOrEqual(2002);
    expect([x[0], x.at(-1)]).toEqual([0, 99_999]);
    expect(y).toContain(99);
  });
});
