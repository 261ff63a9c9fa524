import { ScriptMaps } from './script-maps.ts';

describe('ScriptMaps', () => {
  const maps = new ScriptMaps();
  const name = maps.addCell(
    { js: 'head;\nabc', names: [], segments: [6, 4, 3], paths: {}, files: {} },
    'one\nabc',
    7
  );
  it('leads from a place in a script to the line of the cell', () => {
    expect(maps.place(name, 2, 3)).toMatchObject({ line: 2, column: 3 });
  });
  it('knows nothing of other scripts', () => {
    expect(maps.place('/other.js', 1, 1)).toBeUndefined();
  });
  it('gives the text of the cell', () => expect(maps.source('Cell 7')).toBe('one\nabc'));
});
