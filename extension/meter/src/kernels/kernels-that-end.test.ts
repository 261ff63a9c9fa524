import { once } from 'node:events';
import { mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { monotonicNs } from '../clock.ts';
import { Listening } from './fixtures/listening.ts';
import type { TalkingKernel } from './fixtures/talking-kernel.ts';

describe('Kernels that end', () => {
  let listening: Listening;
  beforeEach(() => {
    listening = new Listening();
  });
  afterEach(() => listening.stop());

  /** A kernel whose process has just ended while it ran a cell. */
  async function endedInACell(): Promise<TalkingKernel> {
    const kernel = await listening.tcp();
    mkdirSync(join(listening.folder, 'runtime'));
    const child = listening.pretend(listening.file(kernel.fields));
    await once(child, 'spawn');
    listening.kernels.start();
    await kernel.heard();
    const announced = once(listening.events, 'announced');
    await kernel.say('status', { execution_state: 'busy' });
    await kernel.say('execute_input', { code: '1', execution_count: 1 });
    await announced;
    child.kill('SIGKILL');
    await once(child, 'exit');
    return kernel;
  }

  it('closes a running cell as died when the process ends, at that moment', async () => {
    await endedInACell();
    const closed = once(listening.events, 'closed');
    const beforeNs = monotonicNs();
    listening.kernels.checkAlive();
    const afterNs = monotonicNs();
    await closed;
    const [change, window] = listening.windows.at(-1)!;
    expect([change, window.status]).toEqual(['closed', 'died']);
    expect(window.endNs).toBeGreaterThanOrEqual(beforeNs);
    expect(window.endNs).toBeLessThanOrEqual(afterNs);
  });

  it('hears the last words of a kernel whose process has ended', async () => {
    const kernel = await endedInACell();
    const closed = once(listening.events, 'closed');
    listening.kernels.checkAlive();
    await kernel.say('status', { execution_state: 'idle' });
    await closed;
    expect(listening.windows.at(-1)?.[1].status).toBe('ok');
  });

  it('finds the new process of a restarted kernel with its first cell', async () => {
    const kernel = await listening.tcp();
    mkdirSync(join(listening.folder, 'runtime'));
    const path = listening.file(kernel.fields);
    const first = listening.pretend(path);
    await once(first, 'spawn');
    listening.kernels.start();
    await kernel.heard();
    first.kill('SIGKILL');
    await once(first, 'exit');
    listening.kernels.checkAlive();
    expect(listening.kernels.all[0]?.tree).toBeUndefined();
    const second = listening.pretend(path);
    await once(second, 'spawn');
    const closed = once(listening.events, 'closed');
    await kernel.run('cell', '1', 1);
    await closed;
    expect(listening.kernels.all[0]?.describe()).toMatchObject({ pid: second.pid, remote: false });
  });

  it('closes a running cell as interrupted when the kernel is restarted', async () => {
    listening.kernels.start();
    const kernel = await listening.tcp();
    listening.file(kernel.fields);
    await kernel.heard();
    const closed = once(listening.events, 'closed');
    await kernel.say('status', { execution_state: 'busy' });
    await kernel.say('execute_input', { code: '1', execution_count: 1 });
    await kernel.say('shutdown_reply', { status: 'ok', restart: true });
    await closed;
    expect(listening.windows.at(-1)?.[1].status).toBe('interrupted');
  });

  it('does not listen where a file is left over from a kernel that is gone', () => {
    mkdirSync(join(listening.folder, 'runtime'));
    const path = listening.file({ transport: 'tcp', ip: '127.0.0.1', iopub_port: 1, key: '' });
    const old = Date.now() / 1e3 - 3600;
    utimesSync(path, old, old);
    listening.kernels.start();
    expect(listening.kernels.all).toEqual([]);
  });
});
