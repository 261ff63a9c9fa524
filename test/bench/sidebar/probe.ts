/** What the bench reaches in the page; JupyterLab gives `jupyterapp`, the probe the rest. */
export interface Probed {
  jupyterapp: {
    commands: { execute(id: string, args?: object): Promise<unknown> };
    shell: {
      activateById(id: string): void;
      collapseRight(): void;
      currentWidget: {
        context: { sessionContext: { session: { kernel: KernelConnection } } };
        content: { activeCellIndex: number };
      };
    };
  };
  /** Says something on the daemon's event stream, as if the daemon had said it. */
  say(event: string, data: object): void;
  /** The newest data of each event of the real daemon. */
  heard: Record<string, Record<string, unknown>>;
  /** While true nothing of the real daemon reaches the page. */
  deaf: boolean;
  /** How many requests the page has made of joulebook. */
  asked: number;
  /** Makes the page believe that it is hidden, or in sight again. */
  hide(hidden: boolean): void;
}

interface KernelConnection {
  iopubMessage: { connect(slot: (sender: unknown, message: IopubMessage) => void): void };
}

/** The part of a kernel's message that tells when a cell became idle. */
export interface IopubMessage {
  header: { msg_type: string };
  parent_header: { msg_type?: string };
  content: { execution_state?: string };
}

/** Runs in the page before JupyterLab: puts an ear and a mouth on the daemon's event stream. */
export function probe(): void {
  const page = window as unknown as Probed;
  const realFetch = window.fetch.bind(window);
  const encoder = new TextEncoder();
  let speak: ReadableStreamDefaultController<Uint8Array> | null = null;
  Object.assign(page, { heard: {}, deaf: false, asked: 0 });
  page.say = (event, data) => {
    speak?.enqueue(encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
  };
  const listen = (text: string): void => {
    for (const block of text.split('\n\n')) {
      const event = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (event && data) page.heard[event] = JSON.parse(data) as Record<string, unknown>;
    }
  };
  const relay = async (body: ReadableStream<Uint8Array>): Promise<void> => {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let rest = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        listen(block);
        if (!page.deaf) speak?.enqueue(encoder.encode(`${block}\n\n`));
      }
    }
    speak?.close();
  };
  window.fetch = async (input, init) => {
    const { url } = input as Request;
    if (!url?.includes('/joulebook/')) return realFetch(input, init);
    page.asked += 1;
    const response = await realFetch(input, init);
    if (!url.includes('/api/events') || !response.body) return response;
    const { body, status, headers } = response;
    const stream = new ReadableStream<Uint8Array>({
      start: controller => {
        speak = controller;
      },
      cancel: () => {
        speak = null;
      }
    });
    void relay(body).catch(() => undefined);
    return new Response(stream, { status, headers });
  };
  let hidden = false;
  Object.defineProperty(document, 'hidden', { get: () => hidden });
  Object.defineProperty(document, 'visibilityState', {
    get: () => (hidden ? 'hidden' : 'visible')
  });
  page.hide = to => {
    hidden = to;
    document.dispatchEvent(new Event('visibilitychange'));
  };
}
