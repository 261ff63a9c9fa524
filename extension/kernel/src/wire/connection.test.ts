import { endpoint, parseConnection } from './connection.ts';

const ports = { shell_port: 1, control_port: 2, iopub_port: 3, stdin_port: 4, hb_port: 5 };
const file = {
  transport: 'tcp',
  ip: '127.0.0.1',
  key: 'k',
  signature_scheme: 'hmac-sha256',
  ...ports
};
const parse = (value: unknown) => parseConnection(JSON.stringify(value), 'c.json');

describe('parseConnection', () => {
  it('reads ports, key and digest', () => {
    expect(parse(file)).toEqual({
      transport: 'tcp',
      ip: '127.0.0.1',
      key: 'k',
      digest: 'sha256',
      ports: { shell: 1, control: 2, iopub: 3, stdin: 4, hb: 5 }
    });
  });
  it('reads the keys of CurveZMQ', () => {
    const curve = { curve_publickey: 'p', curve_secretkey: 's' };
    expect(parse({ ...file, ...curve }).curve).toEqual({ publicKey: 'p', secretKey: 's' });
  });
  it.each([
    ['a transport it does not know', { ...file, transport: 'inproc' }, 'got "inproc"'],
    ['a port that is none', { ...file, hb_port: 'x' }, 'hb_port, got "x"'],
    ['another signature', { ...file, signature_scheme: 'rsa' }, 'got "rsa"'],
    ['a list', [], 'expected a JSON object']
  ])('refuses %s', (_, value, text) => expect(() => parse(value)).toThrow(text));
  it('refuses what is not JSON', () =>
    expect(() => parseConnection('{', 'c.json')).toThrow('c.json is not JSON'));
});

describe('endpoint', () => {
  it('names TCP and IPC addresses as Jupyter does', () => {
    expect(endpoint(parse(file), 'shell')).toBe('tcp://127.0.0.1:1');
    expect(endpoint(parse({ ...file, transport: 'ipc', ip: '/run/k' }), 'hb')).toBe(
      'ipc:///run/k-5'
    );
  });
});
