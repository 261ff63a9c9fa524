import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Connection } from './connection-file.ts';
import { Sockets } from './sockets.ts';

describe('Sockets', () => {
  let folder: string;
  const processes: ChildProcess[] = [];
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sockets-'))));
  afterEach(() => {
    for (const child of processes.splice(0)) child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  const connection = (transport: 'tcp' | 'ipc', ip: string, iopubPort: number): Connection => ({
    ...{ path: '/kernel.json', kernelId: '1', kernelName: '', notebook: null },
    ...{ transport, ip, iopubPort, near: true, key: '', hash: 'sha256' }
  });
  /** A process that listens at a free port, or at a path, and says its port. */
  const listener = async (name: string, at: number | string = 0) => {
    const code = `const server = require('net').createServer().listen(${JSON.stringify(at)},
      () => console.log(server.address().port ?? 0))`;
    const child = spawn(process.execPath, ['-e', code], {
      argv0: name,
      stdio: ['ignore', 'pipe', 'inherit']
    });
    processes.push(child);
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    return { pid: child.pid, port: Number(said) };
  };

  it('finds the process that listens at a port of this host', async () => {
    const { pid, port } = await listener('python3');
    const sockets = new Sockets(process.getuid?.() ?? 0);
    expect(sockets.ownerOf(connection('tcp', '127.0.0.1', port))).toBe(pid);
    expect(sockets.ownerOf(connection('tcp', '192.0.2.1', port))).toBeUndefined();
    expect(sockets.ownerOf(connection('tcp', '127.0.0.1', 1))).toBeUndefined();
  });

  it('finds the process that listens at a path', async () => {
    const { pid } = await listener('python3', join(folder, 'kernel-1'));
    expect(
      new Sockets(process.getuid?.() ?? 0).ownerOf(connection('ipc', join(folder, 'kernel'), 1))
    ).toBe(pid);
  });

  it('finds it among hundreds of sockets, whose table the system gives page by page', async () => {
    const others = Array.from({ length: 300 }, (_, n) =>
      createServer().listen(join(folder, `other-${n}`))
    );
    await Promise.all(others.map(server => once(server, 'listening')));
    const { pid } = await listener('python3', join(folder, 'kernel-1'));
    const sockets = new Sockets(process.getuid?.() ?? 0);
    expect(sockets.ownerOf(connection('ipc', join(folder, 'kernel'), 1))).toBe(pid);
    for (const n of [0, 150, 299]) {
      expect(sockets.ownerOf(connection('ipc', join(folder, 'other'), n))).toBe(process.pid);
    }
    for (const server of others) server.close();
  });

  it('does not take for a kernel what carries the port of another host here', async () => {
    const { port } = await listener('ssh');
    const sockets = new Sockets(process.getuid?.() ?? 0);
    expect(sockets.ownerOf(connection('tcp', '127.0.0.1', port))).toBeUndefined();
    expect(sockets.isServed(connection('tcp', '127.0.0.1', port))).toBe(true);
    expect(sockets.isServed(connection('tcp', '127.0.0.1', 1))).toBe(false);
  });

  it('does not wait for what a pod of this node left behind, but does for another host', () => {
    const sockets = new Sockets(process.getuid?.() ?? 0);
    const pod = connection('tcp', '10.42.7.9', 5555);
    expect(sockets.isServed(pod)).toBe(false);
    expect(sockets.isServed({ ...pod, near: false })).toBe(true);
  });
});
