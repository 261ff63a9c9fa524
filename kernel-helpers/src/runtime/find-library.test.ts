import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findLibrary } from './find-library.ts';

const root = mkdtempSync(join(tmpdir(), 'joulebook-find-'));
const suffix = process.platform === 'darwin' ? '2.dylib' : 'so.2';
/** No Python on the PATH, so that nothing of this machine is found. */
const bare = { PATH: root };

function environment(name: string): string {
  const folder = join(root, name, 'lib', 'python3.11', 'site-packages', 'tensorflow');
  mkdirSync(folder, { recursive: true });
  for (const part of ['framework', 'cc']) {
    writeFileSync(join(folder, `libtensorflow_${part}.${suffix}`), '');
  }
  return folder;
}

afterAll(() => rmSync(root, { recursive: true }));

describe('findLibrary', () => {
  const folder = environment('asked');

  it.each([
    ['an environment', join(root, 'asked')],
    ['site-packages', join(folder, '..')],
    ["the wheel's own folder", folder]
  ])('takes %s', (_, asked) => {
    expect(findLibrary(asked, bare).folder).toBe(folder);
    expect(findLibrary(undefined, { ...bare, JOULEBOOK_TENSORFLOW: asked })).toMatchObject({
      folder,
      reason: '$JOULEBOOK_TENSORFLOW'
    });
  });

  it('prefers the active environment to a .venv above', () => {
    const active = environment('active');
    const project = environment(join('project', '.venv'));
    const cwd = join(root, 'project', 'notebooks', 'deep');
    mkdirSync(cwd, { recursive: true });
    expect(findLibrary(undefined, bare, cwd).folder).toBe(project);
    const env = { ...bare, VIRTUAL_ENV: join(root, 'active') };
    expect(findLibrary(undefined, env, cwd)).toMatchObject({
      folder: active,
      reason: '$VIRTUAL_ENV'
    });
  });

  it('says what to install where there is none', () => {
    expect(() => findLibrary(undefined, bare, root)).toThrow(
      /install it with: .*pip install --no-deps "tensorflow-cpu/
    );
    expect(() => findLibrary(join(root, 'nowhere'), bare)).toThrow(
      /below .*nowhere \(from the setting\)/
    );
  });
});
