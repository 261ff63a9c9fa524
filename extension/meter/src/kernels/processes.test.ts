import { networkInterfaces } from 'node:os';

import { isLocalAddress } from './processes.ts';

describe('isLocalAddress', () => {
  const own = Object.values(networkInterfaces()).flatMap(found => found ?? []);
  const local = ['127.0.0.1', '127.8.9.10', '0.0.0.0', '::', '::1', 'localhost'];

  it.each([...local, ...own.map(({ address }) => address)])('takes %s for this host', ip => {
    expect(isLocalAddress(ip)).toBe(true);
  });

  it.each(['127.evil.example', '127.0.0.1.example', '192.0.2.1', '2001:db8::1', '*', ''])(
    'takes %j for another',
    ip => expect(isLocalAddress(ip)).toBe(false)
  );
});
