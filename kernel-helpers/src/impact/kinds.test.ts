import { join } from 'node:path';
import ts from 'typescript';

const lines = {
  'one kind and unit': 'export const sum = add(used, used);',
  'a coefficient per unit': "export const carbon = convert(used, findZone('FR').carbon);",
  'two kinds': 'export const kinds = add(used, transferEnergy(1));',
  'two units': 'export const units = add(grams, used);',
  'a coefficient of another unit': "export const per = convert(grams, findZone('FR').carbon);"
};

/** What the compiler says to each line, with the library compiled beside it and no types of Node. */
function complaints(): Map<string, string> {
  const file = join(__dirname, 'kinds.snippet.ts');
  const head = [
    "import { add, convert, transferEnergy, findZone, type Amount } from './index.ts';",
    "declare const used: Amount<'kWh', 'measured'>; declare const grams: Amount<'g', 'modelled'>;"
  ];
  const source = [...head, ...Object.values(lines)].join('\n');
  const options: ts.CompilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true },
    ...{ module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
    ...{ target: ts.ScriptTarget.ES2023, lib: ['lib.es2023.d.ts'], types: [] }
  };
  const host = ts.createCompilerHost(options);
  const disk = ts.createCompilerHost(options);
  host.fileExists = path => path === file || disk.fileExists(path);
  host.getSourceFile = (path, version) =>
    path === file ? ts.createSourceFile(path, source, version) : disk.getSourceFile(path, version);
  const program = ts.createProgram([file, join(__dirname, 'co2-data.d.ts')], options, host);
  const snippet = program.getSourceFile(file);
  const said = new Map<string, string>();
  for (const { start = 0, messageText } of program.getSemanticDiagnostics(snippet)) {
    const line = snippet?.getLineAndCharacterOfPosition(start).line ?? 0;
    const name = Object.keys(lines)[line - head.length] ?? 'the head';
    said.set(name, ts.flattenDiagnosticMessageText(messageText, ' '));
  }
  return said;
}

describe('the types', () => {
  it('let like be added to like, and refuse to mix kinds and units', () => {
    const said = complaints();
    expect([...said.keys()].sort()).toEqual([
      'a coefficient of another unit',
      'two kinds',
      'two units'
    ]);
    expect(said.get('two kinds')).toMatch(/attributed.*not assignable.*measured/);
    expect(said.get('two units')).toMatch(/kWh.*not assignable/);
  }, 60_000);
});
