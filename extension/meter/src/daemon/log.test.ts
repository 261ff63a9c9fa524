import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withoutFiles } from '../fixtures/no-files.ts';
import { openLog } from './log.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'joulebook-log-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('the log', () => {
  it('writes a line an entry, whatever the entry holds', () => {
    const path = join(folder, 'meter.log');
    openLog(path)('one\ntwo \u001b[31mred\u001b[39m');
    expect(readFileSync(path, 'utf8')).toMatch(/^\d{4}-\d\d-\d\dT\S+Z one \| two red\n$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('stays within twice its size, the last entries kept', () => {
    const path = join(folder, 'meter.log');
    const log = openLog(path);
    for (let n = 0; n < 3000; n++) log(`${n} ${'x'.repeat(2000)}`);
    expect(statSync(path).size + statSync(`${path}.1`).size).toBeLessThan(2.1 * 2 ** 20);
    expect(readFileSync(path, 'utf8')).toContain(' 2999 x');
  });

  it('says also that no file can be opened any more', () => {
    const path = join(folder, 'meter.log');
    const log = openLog(path);
    withoutFiles(() => log('too many open files'));
    expect(readFileSync(path, 'utf8')).toContain('too many open files');
  });

  it('begins anew when somebody has taken the file away', () => {
    const path = join(folder, 'meter.log');
    const log = openLog(path);
    log('one');
    rmSync(path);
    log('two');
    expect(readFileSync(path, 'utf8')).toMatch(/^\S+ two\n$/);
  });

  it('never stops the daemon', () => {
    const path = join(folder, 'none', 'meter.log');
    expect(() => openLog(path)('lost')).not.toThrow();
    expect(existsSync(path)).toBe(false);
  });
});
