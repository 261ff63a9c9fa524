import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { curveKeyPair } from 'zeromq';
import { Listening } from './fixtures/listening.ts';

describe('Kernels', () => {
  let listening: Listening;
  beforeEach(() => {
    listening = new Listening();
  });
  afterEach(() => listening.stop());

  it('hears a kernel whose connection file appears', async () => {
    listening.kernels.start();
    const kernel = await listening.tcp();
    listening.file(kernel.fields);
    await listening.expectCell(kernel);
  });

  it('hears a kernel that ran before the meter', async () => {
    const kernel = await listening.tcp();
    mkdirSync(join(listening.folder, 'runtime'));
    listening.file(kernel.fields);
    listening.kernels.start();
    await listening.expectCell(kernel);
  });

  it('hears a kernel over ipc', async () => {
    const kernel = await listening.ipc(join(listening.folder, 'socket'));
    listening.kernels.start();
    listening.file(kernel.fields);
    await listening.expectCell(kernel);
  });

  it('hears an encrypted kernel', async () => {
    const { publicKey, secretKey } = curveKeyPair();
    const kernel = await listening.tcp({ curve_publickey: publicKey, curve_secretkey: secretKey });
    listening.kernels.start();
    listening.file(kernel.fields);
    await listening.expectCell(kernel);
  });

  it('hears a kernel whose file lies in the temporary folder (jupyter execute)', async () => {
    listening.kernels.start();
    const kernel = await listening.tcp();
    listening.file(kernel.fields, 'temp/tmpabc.json');
    await listening.expectCell(kernel);
  });

  it('finds a file anywhere when a process names it', async () => {
    const kernel = await listening.tcp();
    mkdirSync(join(listening.folder, 'elsewhere'));
    const path = listening.file(kernel.fields, 'elsewhere/connection.json');
    const child = listening.pretend(path);
    await once(child, 'spawn');
    listening.kernels.start();
    await listening.expectCell(kernel);
    expect(listening.kernels.all[0]?.describe()).toMatchObject({
      pid: child.pid,
      notebook: '/home/me/n.ipynb',
      remote: false
    });
  });

  it.each(['/home/me/console-1', 'n.ipynb', ''])(
    'takes the session name %j for no notebook',
    async session => {
      const kernel = await listening.tcp();
      mkdirSync(join(listening.folder, 'runtime'));
      const path = listening.file(kernel.fields);
      const child = listening.pretend(path, join(listening.folder, 'runtime'), session);
      await once(child, 'spawn');
      listening.kernels.start();
      expect(listening.kernels.all[0]?.describe()).toMatchObject({
        pid: child.pid,
        notebook: null
      });
    }
  );

  it("leaves the kernels of another daemon's runtime folder alone", async () => {
    const kernel = await listening.tcp();
    const child = listening.pretend(
      listening.file(kernel.fields, 'temp/tmp1.json'),
      join(listening.folder, 'other')
    );
    await once(child, 'spawn');
    listening.kernels.start();
    expect(listening.kernels.all).toEqual([]);
  });

  it('calls a kernel remote that talks but runs on no process of this host', async () => {
    listening.kernels.start();
    const kernel = await listening.tcp();
    listening.file(kernel.fields);
    await listening.expectCell(kernel);
    listening.kernels.scan();
    expect(listening.kernels.all[0]?.remote).toBe(true);
  });
});
