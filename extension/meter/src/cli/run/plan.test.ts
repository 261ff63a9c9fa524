import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { notebooksOf, outputsOf, parametersOf } from './plan.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'joulebook-plan-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function touch(...path: string[]): string {
  const file = join(folder, ...path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, '{}');
  return file;
}

describe('notebooksOf', () => {
  it('takes a folder for all notebooks below, in order, without hidden ones and doubles', () => {
    const b = touch('b.ipynb');
    const a = touch('a', 'z.ipynb');
    touch('.ipynb_checkpoints', 'b.ipynb');
    touch('notes.txt');
    expect(notebooksOf([b, folder])).toEqual([b, a]);
  });

  it('names what is not there and a folder that holds none', () => {
    expect(() => notebooksOf([join(folder, 'no.ipynb')])).toThrow('no notebook at');
    expect(() => notebooksOf([folder])).toThrow('no notebook (*.ipynb) in the folder');
  });
});

describe('outputsOf', () => {
  it('writes one notebook to a file or into a folder, and several into a folder', () => {
    expect(outputsOf(['/a/x.ipynb'], '/out.ipynb')).toEqual(['/out.ipynb']);
    expect(outputsOf(['/a/x.ipynb'], '/out')).toEqual(['/out/x.ipynb']);
    expect(outputsOf(['/a/x.ipynb'], folder)).toEqual([join(folder, 'x.ipynb')]);
    expect(outputsOf(['/a/x.ipynb', '/b/y.ipynb'], '/o')).toEqual(['/o/x.ipynb', '/o/y.ipynb']);
    expect(outputsOf(['/a/x.ipynb'], undefined)).toEqual([undefined]);
  });

  it('refuses to write one notebook over another', () => {
    expect(() => outputsOf(['/a/x.ipynb', '/b/y.ipynb'], '/o.ipynb')).toThrow('name a folder');
    expect(() => outputsOf(['/a/x.ipynb', '/b/x.ipynb'], '/o')).toThrow('two of the notebooks');
  });
});

describe('parametersOf', () => {
  it('reads values as JSON, else as text, and prefers pairs to the file', () => {
    const file = touch('p.json');
    writeFileSync(file, '{"steps": 5, "rate": 0.1}');
    expect(parametersOf(file, ['steps=20', 'name=adam', 'sizes=[1,2]'])).toEqual({
      ...{ steps: 20, rate: 0.1, name: 'adam' },
      sizes: [1, 2]
    });
  });

  it.each([['steps'], ['=3'], ['a-b=3']])('refuses %s', pair => {
    expect(() => parametersOf(undefined, [pair])).toThrow('expected');
  });

  it('refuses a file that is no object', () => {
    const file = touch('p.json');
    writeFileSync(file, '[1]');
    expect(() => parametersOf(file, [])).toThrow('expected an object of parameters');
  });
});
