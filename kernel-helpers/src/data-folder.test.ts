import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataFolder } from './data-folder.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'joulebook-folder-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('dataFolder', () => {
  it('weighs all files below, each once, and follows no links', () => {
    mkdirSync(join(folder, 'deep/er'), { recursive: true });
    writeFileSync(join(folder, 'a'), Buffer.alloc(1000));
    writeFileSync(join(folder, 'deep/er/b'), Buffer.alloc(500));
    linkSync(join(folder, 'a'), join(folder, 'again'));
    symlinkSync('/', join(folder, 'everything'));
    expect(dataFolder(folder)).toMatchObject({ bytes: 1500, files: 2 });
  });

  it('attributes a terabyte-year its energy, as a range', () => {
    const { yearlyEnergy } = dataFolder(folder);
    expect(yearlyEnergy).toMatchObject({ value: 0, kind: 'attributed', unit: 'kWh' });
  });

  it('says when there is no such folder', () => {
    expect(() => dataFolder(join(folder, 'none'))).toThrow(
      expect.objectContaining({ code: 'data/missing' }) as Error
    );
  });
});
