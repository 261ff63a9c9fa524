import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CheckerService } from './service.ts';

const libFolder = dirname(require.resolve('typescript'));
const service = new CheckerService(libFolder);
service.configure({ folder: mkdtempSync(join(tmpdir(), 'cells-')), home: __dirname });

function script(code: string): string {
  const { compiled, diagnostics } = service.check(code, true);
  expect(diagnostics).toEqual([]);
  return compiled?.js ?? '';
}

describe('CheckerService', () => {
  it('makes a cell an async function that assigns variables and returns its last value', () => {
    const { compiled } = service.check('const a: number = 1\na', true);
    expect(compiled?.names).toEqual(['a']);
    expect(compiled?.js).toMatch(
      /^"use strict";\(async\(\)=>\{;\(a {9}= 1\);\nreturn \[a\]\n\}\)$/
    );
  });
  it('keeps the names of a cell for the next one, unless told otherwise', () => {
    service.check('const kept = 1', true);
    service.check('const dropped = 1', false);
    expect(service.check('kept', false).diagnostics).toEqual([]);
    expect(service.check('dropped', false).diagnostics[0]?.code).toBe(2304);
  });
  it('gives a name of another type a variable of its own', () => {
    service.check('let n = 0; const up = () => ++n', true);
    const { compiled } = service.check("const n = 'text'", true);
    expect(compiled?.names[0]).toMatch(/^n\$\d+$/);
    expect(script('({ n })')).toContain(`({ n: ${compiled?.names[0]} })`);
  });
  it('keeps the variable of a name of the same type', () => {
    service.check('const rate = 0.1', true);
    expect(service.check('const rate = 0.2', true).compiled?.names).toEqual(['rate']);
  });
  it('moves functions and imports to the front', () => {
    const js = script(
      "late(join('a', 'b'))\nfunction late(x: string) { return x }\nimport { join } from 'node:path'"
    );
    expect(js.indexOf('late = function')).toBeLessThan(js.indexOf('import("node:path")'));
    expect(js.indexOf('import("node:path")')).toBeLessThan(js.indexOf('return [late'));
  });
  it('leaves out imports that only bring types', () => {
    expect(
      script("import { MakeDirectoryOptions as M } from 'node:fs'\nlet m: M | undefined")
    ).not.toContain('import(');
  });
  it('lets each await pass by the kernel', () => {
    expect(script('await Promise.resolve(1)')).toContain(
      'await __joulebook.go(Promise.resolve(1))'
    );
  });
  it('draws mistakes with their lines', () => {
    const [first] = service.check('const s = 1\nconst t: string = s\n', false).diagnostics;
    expect(first).toMatchObject({ code: 2322, line: 2, column: 7 });
    expect(first?.frame).toBe('  1 | const s = 1\n> 2 | const t: string = s\n    |       ~\n  3 |');
  });
});
