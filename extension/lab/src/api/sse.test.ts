import { SseParser } from './sse';

describe('SseParser', () => {
  it('puts together an event that comes in pieces', () => {
    const parser = new SseParser();
    expect(parser.push('event: pow')).toEqual([]);
    expect(parser.push('er\ndata: {"a"')).toEqual([]);
    expect(parser.push(':1}\n\n')).toEqual([{ event: 'power', data: '{"a":1}' }]);
  });
  it('takes every end of line, also one that two pieces share', () => {
    const parser = new SseParser();
    expect(parser.push('data: a\r')).toEqual([]);
    expect(parser.push('\n\r\ndata: b\r\r')).toEqual([{ event: 'message', data: 'a' }]);
    expect(parser.push('data: c\n\n')).toEqual([
      { event: 'message', data: 'b' },
      { event: 'message', data: 'c' }
    ]);
  });
  it('joins several lines of data and skips comments', () => {
    expect(new SseParser().push(': hello\ndata: a\ndata:b\n\n')).toEqual([
      { event: 'message', data: 'a\nb' }
    ]);
  });
  it('remembers an id only once its event is complete', () => {
    const parser = new SseParser();
    parser.push('id: 7\ndata: x\n');
    expect(parser.lastEventId).toBeNull();
    parser.push('\n');
    expect(parser.lastEventId).toBe('7');
  });
  it('keeps the last id through events without one', () => {
    const parser = new SseParser();
    parser.push('id: 7\ndata: x\n\ndata: y\n\n');
    expect(parser.lastEventId).toBe('7');
  });
  it('takes the reconnection time and refuses one that is not a number', () => {
    const parser = new SseParser();
    parser.push('retry: 2000\n\n');
    expect(parser.retryMs).toBe(2000);
    parser.push('retry: soon\n\n');
    expect(parser.retryMs).toBe(2000);
  });
});
