import { PrintJoiner } from './joiner.ts';
import { makeBroadcast, type Message } from './message.ts';

function joined(...messages: Message[]): string[] {
  const sent: Message[] = [];
  const joiner = new PrintJoiner(message => sent.push(message));
  for (const message of messages) joiner.push(message);
  joiner.flush();
  return sent.map(({ header, content }) =>
    typeof content.text === 'string' ? content.text : header.msg_type
  );
}

const print = (text: string, name = 'stdout', parent = 'a'): Message =>
  makeBroadcast({ msg_id: parent }, 'stream', { name, text });

describe('PrintJoiner', () => {
  it('joins prints of one cell and stream', () => {
    expect(joined(print('1'), print('2'))).toEqual(['12']);
  });
  it('keeps streams and cells apart', () => {
    expect(joined(print('1'), print('e', 'stderr'), print('b', 'stderr', 'b'))).toEqual([
      '1',
      'e',
      'b'
    ]);
  });
  it('lets no other message overtake a print', () => {
    const idle = makeBroadcast({ msg_id: 'a' }, 'status', { execution_state: 'idle' });
    expect(joined(print('1'), idle, print('2'))).toEqual(['1', 'status', '2']);
  });
  it('sends long text without waiting', () => {
    expect(joined(print('x'.repeat(200_000)), print('y')).map(text => text.length)).toEqual([
      200_000, 1
    ]);
  });
});
