import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { realPath, stampOf, statOf } from './files.ts';

describe('a file that may go at any moment', () => {
  it('is nothing once it has gone, or its folder has become a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'files-'));
    const path = join(folder, 'kernel-1.json');
    writeFileSync(path, '{}');
    expect([realPath(path), statOf(path)?.size]).toEqual([path, 2]);
    expect(stampOf(path)).toMatch(/ 2$/);
    for (const gone of [join(folder, 'none'), join(path, 'below'), join(folder, 'x'.repeat(300))]) {
      expect([realPath(gone), statOf(gone), stampOf(gone)]).toEqual(Array(3).fill(undefined));
    }
    rmSync(folder, { recursive: true });
  });
});
