import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askMeter, socketPath } from './daemon.ts';
import { ScriptedMeter } from './fixtures/meter.ts';
import { coded } from './fixtures/coded.ts';

describe('socketPath', () => {
  it('takes JOULEBOOK_SOCKET first', () => {
    expect(socketPath({ JOULEBOOK_SOCKET: '/run/x.sock', JUPYTER_RUNTIME_DIR: '/r' })).toBe(
      '/run/x.sock'
    );
  });

  it('lies in the private folder of the runtime directory', () => {
    expect(socketPath({ JUPYTER_RUNTIME_DIR: '/r' })).toBe('/r/joulebook/meter.sock');
    expect(socketPath({ JUPYTER_DATA_DIR: '/d' })).toBe('/d/runtime/joulebook/meter.sock');
    expect(socketPath({ XDG_DATA_HOME: '/x' })).toBe('/x/jupyter/runtime/joulebook/meter.sock');
    expect(socketPath({ HOME: '/h' })).toBe('/h/.local/share/jupyter/runtime/joulebook/meter.sock');
  });

  it('moves to a short folder where the path would be too long for a socket', () => {
    const runtime = `/${'long/'.repeat(25)}runtime`;
    const hash = createHash('sha256').update(runtime).digest('hex').slice(0, 12);
    const env = { JUPYTER_RUNTIME_DIR: runtime, XDG_RUNTIME_DIR: '/run/user/0' };
    expect(socketPath(env)).toBe(`/run/user/0/joulebook-${process.getuid?.()}-${hash}/meter.sock`);
  });

  it('trusts no short folder that others may enter', () => {
    const base = mkdtempSync(join(tmpdir(), 'joulebook-helpers-'));
    const env = { JUPYTER_RUNTIME_DIR: `/${'long/'.repeat(25)}`, XDG_RUNTIME_DIR: base };
    const folder = join(socketPath(env), '..');
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    expect(() => socketPath(env)).toThrow(coded('energy/no-meter'));
    chmodSync(folder, 0o700);
    expect(socketPath(env)).toBe(join(folder, 'meter.sock'));
    rmSync(base, { recursive: true });
  });
});

describe('askMeter', () => {
  it('passes on what the meter says when it refuses', async () => {
    const meter = new ScriptedMeter(() => [409, { error: { code: 'x', message: 'no cell runs' } }]);
    await meter.listen();
    await expect(askMeter('POST', '/v1/measures', {})).rejects.toThrow(
      'the meter refused POST /v1/measures: no cell runs'
    );
    await meter.close();
  });

  it('says where it looked when nobody answers', async () => {
    process.env.JOULEBOOK_SOCKET = '/nonexistent/meter.sock';
    await expect(askMeter('GET', '/v1/status')).rejects.toThrow(
      'no meter answers at /nonexistent/meter.sock'
    );
    delete process.env.JOULEBOOK_SOCKET;
  });
});
