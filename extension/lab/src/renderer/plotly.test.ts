import { LabError } from '../errors';
import { parseFigure } from './plotly';
import { themedLayout } from './theme';

describe('parseFigure', () => {
  it('takes a figure without layout', () => {
    expect(parseFigure({ data: [] })).toEqual({ data: [], layout: {}, config: {} });
  });
  it.each([null, 'text', {}, { data: {} }])('refuses %p and says what it expected', value => {
    expect(() => parseFigure(value)).toThrow(LabError);
    expect(() => parseFigure(value)).toThrow('list "data"');
  });
});

describe('themedLayout', () => {
  it('takes the colours of the page and leaves what the figure says', () => {
    const node = document.createElement('div');
    node.style.setProperty('--jp-ui-font-color1', 'rgb(1, 2, 3)');
    document.body.append(node);
    const layout = themedLayout(node, {
      height: 200,
      font: { size: 20 },
      yaxis2: { side: 'right' }
    });
    expect(layout).toMatchObject({
      height: 200,
      font: { color: 'rgb(1, 2, 3)', size: 20 },
      yaxis2: { side: 'right', automargin: true }
    });
    node.remove();
  });
});
