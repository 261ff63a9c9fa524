import { here, userLine } from './source-line.ts';

describe('userLine', () => {
  it("finds the first line that is the user's", () => {
    const stack = [
      'Error',
      '    at matMul_ (/app/node_modules/@tensorflow/tfjs-core/dist/tf-core.node.js:10:5)',
      '    at process.run (node:internal/process:1:1)',
      '    at loss (file:///home/ada/notebook.ts:12:7)',
      '    at main (file:///home/ada/notebook.ts:40:1)'
    ].join('\n');
    expect(userLine({ stack })).toBe(' at /home/ada/notebook.ts:12:7');
  });

  it('takes a cell of a notebook for the user', () => {
    expect(userLine({ stack: 'Error\n    at [3]:2:14' })).toBe(' at [3]:2:14');
  });

  it('says nothing where there is no such line', () => {
    expect(userLine({ stack: 'Error\n    at run (node:vm:1:1)' })).toBe('');
    expect(userLine({})).toBe('');
  });

  it('passes over this library itself', () => {
    expect(userLine(here())).toMatch(/source-line\.test\.ts:\d+:\d+$/);
  });
});
