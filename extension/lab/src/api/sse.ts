/** One server-sent event. */
export interface ServerEvent {
  event: string;
  data: string;
}

/**
 * Reads a text/event-stream body piece by piece.
 * @see WHATWG HTML, section 9.2.6 "Interpreting an event stream"
 */
export class SseParser {
  /** Id of the last complete event that had one; null before the first. */
  lastEventId: string | null = null;
  /** The reconnection time the server asked for, in ms; null when it asked for none. */
  retryMs: number | null = null;
  private rest = '';
  private event = '';
  private data: string[] = [];
  private id: string | null = null;

  /** Takes the next piece of text and returns the events it completes. */
  push(chunk: string): ServerEvent[] {
    // A lone CR at the end may be the first half of CR LF, so it waits for the next piece.
    const text = this.rest + chunk;
    const held = text.endsWith('\r') ? 1 : 0;
    const lines = text.slice(0, text.length - held).split(/\r\n|\r|\n/);
    this.rest = (lines.pop() ?? '') + text.slice(text.length - held);
    return lines.flatMap(line => this.line(line));
  }

  private line(line: string): ServerEvent[] {
    if (line === '') return this.dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return [];
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.event = value;
    else if (field === 'data') this.data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
    return [];
  }

  private dispatch(): ServerEvent[] {
    if (this.id !== null) this.lastEventId = this.id;
    const { event, data } = this;
    this.event = '';
    this.data = [];
    return data.length === 0 ? [] : [{ event: event || 'message', data: data.join('\n') }];
  }
}
