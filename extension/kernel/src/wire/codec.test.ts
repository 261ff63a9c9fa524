import { KernelError } from '../errors.ts';
import { decode, encode } from './codec.ts';
import { makeBroadcast } from './message.ts';

const signing = { key: 'secret', digest: 'sha256' };
const message = {
  ...makeBroadcast({ msg_id: 'parent' }, 'stream', { name: 'stdout', text: 'ü' }),
  buffers: [new Uint8Array([1, 2])]
};

describe('encode and decode', () => {
  it('give back what was sent', () => {
    const decoded = decode(encode(message, signing), 'iopub', signing);
    expect(decoded.header).toEqual(message.header);
    expect(decoded.content).toEqual({ name: 'stdout', text: 'ü' });
    expect([...(decoded.buffers[0] ?? [])]).toEqual([1, 2]);
  });
  it('need no signature without a key', () => {
    const open = { key: '', digest: 'sha256' };
    expect(decode(encode(message, open), 'iopub', open).header.msg_type).toBe('stream');
  });
  it.each([
    ['another key', encode(message, { ...signing, key: 'other' }), 'message/signature'],
    ['no delimiter', [Buffer.from('x')], 'message/malformed'],
    ['too few parts', encode(message, signing).slice(0, 4), 'message/malformed']
  ])('refuse %s', (_, frames, code) => {
    expect(() => decode(frames, 'shell', signing)).toThrow(
      expect.objectContaining({ code }) as KernelError
    );
  });
  it('refuse a part that is no object', () => {
    const frames = encode(
      { ...message, content: [] as unknown as Record<string, unknown> },
      signing
    );
    expect(() => decode(frames, 'shell', signing)).toThrow('not a JSON object');
  });
});
