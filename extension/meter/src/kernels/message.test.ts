import { createHmac } from 'node:crypto';

import { looksLikeEdge, readMessage } from './message.ts';

const connection = { key: 'secret', hash: 'sha256' };

function frames(
  header: unknown,
  parent: unknown,
  content: unknown,
  { key = 'secret', identities = ['kernel.status'] } = {}
): Buffer[] {
  const parts = [header, parent, {}, content].map(part => Buffer.from(JSON.stringify(part)));
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  const signature = key ? hmac.digest('hex') : '';
  return [...identities, '<IDS|MSG>', signature].map(text => Buffer.from(text)).concat(parts);
}
const header = (type: string) => ({
  msg_id: 'm',
  msg_type: type,
  session: 's',
  date: '2026-11-23T10:00:00.123456Z'
});
const parent = { msg_id: 'p', msg_type: 'execute_request' };

describe('readMessage', () => {
  it('reads a signed status with its date in microseconds', () => {
    const message = readMessage(
      frames(header('status'), parent, { execution_state: 'busy' }),
      connection
    );
    expect(message).toMatchObject({
      type: 'status',
      parent: { id: 'p', type: 'execute_request', subshell: '' },
      content: { execution_state: 'busy' }
    });
    expect(typeof message === 'object' && message.dateNs).toBe(1795428000123456000n);
  });

  it('refuses a wrong signature, and takes any where the kernel has no key', () => {
    const forged = frames(header('status'), parent, {}, { key: 'wrong' });
    expect(readMessage(forged, connection)).toBe('bad-signature');
    const unsigned = frames(header('status'), parent, {}, { key: '' });
    expect(readMessage(unsigned, connection)).toBe('bad-signature');
    expect(readMessage(unsigned, { key: '', hash: 'sha256' })).toMatchObject({ type: 'status' });
  });

  it('passes over output without parsing it', () => {
    expect(readMessage(frames(header('stream'), parent, { text: 'x' }), connection)).toBe('other');
  });

  it('is not misled by a type that stands elsewhere in the header', () => {
    const tricky = { ...header('stream'), username: 'status' };
    expect(readMessage(frames(tricky, parent, {}), connection)).toBe('other');
  });

  it('calls malformed what is no message', () => {
    const signed = frames(header('status'), parent, {});
    const cases = [
      [],
      [Buffer.from('topic')],
      signed.slice(0, 4),
      signed.slice(2),
      [...signed.slice(0, 3), Buffer.from('garbage'), ...signed.slice(4)],
      frames('status', parent, {}),
      frames({ msg_type: 1, x: 'status' }, parent, {}),
      frames({ ...header('status'), padding: 'x'.repeat(70_000) }, parent, {})
    ];
    for (const broken of cases) expect(readMessage(broken, connection)).toBe('malformed');
  });
});

describe('looksLikeEdge', () => {
  it('sees a status about a cell, and nothing else', () => {
    const other = { msg_id: 'p', msg_type: 'kernel_info_request' };
    expect(looksLikeEdge(frames(header('status'), parent, {}))).toBe(true);
    expect(looksLikeEdge(frames(header('status'), other, {}))).toBe(false);
    expect(looksLikeEdge(frames(header('stream'), parent, {}))).toBe(false);
    expect(looksLikeEdge([])).toBe(false);
  });
});
