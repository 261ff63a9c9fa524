import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { curveKeyPair } from 'zeromq';

import { type Connection, iopubAddress, readConnectionFile } from './connection-file.ts';

const own = { user: process.getuid?.() ?? 0 };
const read = (path: string): Connection | undefined => readConnectionFile(path, own);

describe('readConnectionFile', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'connections-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const write = (content: unknown, name = 'kernel-1234.json') => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const valid = { transport: 'tcp', ip: '127.0.0.1', iopub_port: 5555, key: 'k' };

  it('reads what Jupyter writes, with the keys of an encrypted kernel', () => {
    const { publicKey, secretKey } = curveKeyPair();
    const path = write({
      ...valid,
      signature_scheme: 'hmac-sha512',
      kernel_name: 'python3',
      jupyter_session: '/home/me/a.ipynb',
      curve_publickey: publicKey,
      curve_secretkey: secretKey
    });
    const connection = read(path);
    expect(connection).toMatchObject({
      kernelId: '1234',
      kernelName: 'python3',
      hash: 'sha512',
      notebook: '/home/me/a.ipynb',
      curve: { publicKey, secretKey }
    });
    expect(connection && iopubAddress(connection)).toBe('tcp://127.0.0.1:5555');
  });

  it('knows the address of an ipc kernel', () => {
    const connection = read(write({ ...valid, transport: 'ipc', ip: '/tmp/k' }));
    expect(connection && iopubAddress(connection)).toBe('ipc:///tmp/k-5555');
  });

  it('passes over JSON that is no connection file, and files that are not there', () => {
    expect(read(write({ url: 'http://localhost' }, 'jpserver-1.json'))).toBeUndefined();
    expect(read(write('[1, 2]'))).toBeUndefined();
    expect(read(join(folder, 'none.json'))).toBeUndefined();
  });

  it('says what it expected of a broken one', () => {
    const broken: [unknown, RegExp][] = [
      ['{"iopub_port": ', /expected JSON in .*kernel-1234\.json/],
      [{ ...valid, iopub_port: 70000 }, /expected a port in iopub_port .* got 70000/],
      [{ ...valid, transport: 'udp' }, /expected transport tcp or ipc .* got "udp"/],
      [{ ...valid, signature_scheme: 'none' }, /expected signature_scheme hmac-<hash>/],
      [{ ...valid, key: 7 }, /expected a text in key .* got 7/],
      [
        { ...valid, curve_publickey: 'x' },
        /expected a Z85 key .* in curve_publickey .* got 1 char/
      ],
      [{ ...valid, curve_secretkey: '"'.repeat(40) }, /expected a Z85 key .* in curve_secretkey/],
      [{ ...valid, ip: '127.0.0.1 x' }, /expected an address .* in ip .* got "127.0.0.1 x"/],
      [{ ...valid, ip: '*' }, /expected an address .* in ip .* got "\*"/],
      ['x'.repeat(70_000), /expected at most 65536 bytes .* got 70000/]
    ];
    for (const [content, message] of broken) {
      expect(() => read(write(content))).toThrow(message);
    }
  });
});
