import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { BlockList } from 'node:net';
import { join } from 'node:path';
import { withoutFiles } from '../fixtures/no-files.ts';
import { Listening } from './fixtures/listening.ts';
import { largestMessageBytes } from './kernels.ts';

describe('Kernels in trouble', () => {
  let listening: Listening;
  beforeEach(() => {
    listening = new Listening();
  });
  afterEach(() => listening.stop());

  it('keeps its kernels while no file can be opened, says so once, and finds the rest later', async () => {
    const [first, second] = [await listening.tcp(), await listening.tcp()];
    mkdirSync(join(listening.folder, 'elsewhere'));
    const child = listening.pretend(listening.file(first.fields, 'elsewhere/first.json'));
    await once(child, 'spawn');
    listening.kernels.start();
    const path = listening.file(second.fields, 'elsewhere/second.json');
    await once(listening.pretend(path), 'spawn');
    withoutFiles(() => {
      listening.kernels.scan();
      listening.kernels.scan();
    });
    expect(listening.told).toEqual([expect.stringMatching(/EMFILE.*not metered.*ulimit -n/)]);
    expect(listening.kernels.all.map(({ tree }) => tree?.pid)).toEqual([child.pid]);
    listening.kernels.scan();
    expect(listening.kernels.all.map(({ connection }) => connection.path)).toContain(path);
  });

  it('tells when the connection to a kernel breaks', async () => {
    listening.kernels.start();
    const kernel = await listening.tcp();
    listening.file(kernel.fields);
    await kernel.heard();
    const broken = once(listening.events, 'broken');
    kernel.socket.close();
    expect(await broken).toEqual([listening.kernels.all[0]]);
  });

  it('ignores and counts wrong signatures and malformed messages', async () => {
    listening.kernels.start();
    const kernel = await listening.tcp();
    listening.file(kernel.fields);
    await kernel.heard();
    await kernel.say('status', { execution_state: 'busy' }, { key: 'forged' });
    await kernel.socket.send(['topic', 'no delimiter']);
    await kernel.socket.send(['topic', '<IDS|MSG>', 'short']);
    const closed = once(listening.events, 'closed');
    await kernel.run('cell', '1', 1);
    await closed;
    expect(listening.counts).toEqual({
      bad_signatures: 1,
      malformed_messages: 2,
      unknown_messages: 0
    });
    expect(listening.windows).toHaveLength(3);
  });

  it('keeps the reason why a connection file was refused', async () => {
    listening.kernels.start();
    const path = listening.file('{"iopub_port": ');
    listening.kernels.scan();
    expect(listening.kernels.rejected.get(path)).toMatch(/expected JSON/);
    const kernel = await listening.tcp();
    listening.file(kernel.fields);
    await listening.expectCell(kernel);
    expect(listening.kernels.rejected.size).toBe(0);
  });

  it('tells once why a file is refused, and forgets it when it has gone', () => {
    listening.kernels.start();
    const path = listening.file('{"iopub_port": ');
    listening.kernels.scan();
    listening.kernels.scan();
    expect(listening.told).toEqual([expect.stringContaining(`refused ${path}: expected JSON`)]);
    rmSync(path);
    listening.kernels.scan();
    expect(listening.kernels.rejected.size).toBe(0);
  });

  it('survives an address that no socket takes, and hears the kernel once that is right', async () => {
    mkdirSync(join(listening.folder, 'runtime'));
    const kernel = await listening.tcp();
    const path = listening.file({
      ...kernel.fields,
      transport: 'ipc',
      ip: `/tmp/${'x'.repeat(200)}`
    });
    listening.kernels.start();
    expect(listening.kernels.rejected.get(path)).toBeDefined();
    expect(listening.kernels.all).toEqual([]);
    listening.file(kernel.fields);
    listening.kernels.scan();
    await listening.expectCell(kernel);
    listening.file({ ...kernel.fields, transport: 'ipc', ip: `/tmp/${'x'.repeat(200)}` });
    listening.kernels.scan();
    expect(listening.kernels.rejected.get(path)).toBeDefined();
    expect(listening.kernels.all).toEqual([]);
  });

  it('goes on when its folder goes while a kernel outside runs', async () => {
    listening.kernels.start();
    const kernel = await listening.tcp();
    const path = listening.file(kernel.fields, 'temp/tmp1.json');
    const child = listening.pretend(path);
    await once(child, 'spawn');
    rmSync(join(listening.folder, 'runtime'), { recursive: true });
    listening.kernels.scan();
    expect(listening.kernels.all[0]?.describe()).toMatchObject({ pid: child.pid });
  });

  it('goes on after a message that could not be handled, and tells of it once', async () => {
    listening.kernels.start();
    const kernel = await listening.tcp();
    listening.file(kernel.fields);
    await kernel.heard();
    listening.events.on('opened', () => {
      throw new Error('the disk is full');
    });
    await kernel.run('cell-1', '1', 1);
    const closed = once(listening.events, 'closed');
    await kernel.say('status', { execution_state: 'busy' }, { parent: 'cell-2' });
    await kernel.say('status', { execution_state: 'idle' }, { parent: 'cell-2' });
    await closed;
    expect(listening.counts.unknown_messages).toBeGreaterThan(0);
    expect(listening.told).toEqual([expect.stringMatching(/kernel-1\.json .*: the disk is full$/)]);
  });

  it("takes no message of a node's kernel that is too large, and hears the next", async () => {
    listening.kernels = listening.listen({ networks: new BlockList() });
    mkdirSync(join(listening.folder, 'runtime'));
    const kernel = await listening.tcp();
    listening.file(kernel.fields);
    listening.kernels.start();
    await kernel.heard();
    const broken = once(listening.events, 'broken');
    await kernel.socket.send(Buffer.alloc(largestMessageBytes + 1));
    await broken;
    // The kernel hears that its listener has gone, then that it is there again.
    await kernel.heard();
    await listening.expectWindow(kernel);
    expect(listening.told).toEqual([
      expect.stringMatching(/kernel-1\.json .* larger than 268435456 bytes/)
    ]);
  });

  it.each([1e300, 1.5])('takes %d for no execution count', async count => {
    listening.kernels.start();
    const kernel = await listening.tcp();
    listening.file(kernel.fields);
    await kernel.heard();
    const announced = once(listening.events, 'announced');
    await kernel.run('cell', '1', count);
    await announced;
    expect(listening.windows.at(-1)?.[1].executionCount).toBeNull();
  });
});
