import type { Page } from '@playwright/test';

/** An answer of the server's routes below `/joulebook/api/`. */
export interface Reply {
  status: number;
  body: unknown;
}

/**
 * A daemon whose answers are fixed (only the last power is told again each second), so that what the page shows of them is, too. In every text
 * `@-2.5` stands for the moment two and a half seconds before it is asked for.
 */
export interface Scene {
  replies: Record<string, Reply>;
  events: [name: string, data: unknown][];
}

/** What a test may do to the scene in the page. */
export interface Frozen {
  scene: Scene;
  /** Ends the event stream, as when the server goes away. */
  end(): void;
}

/** Puts a scene in the daemon's place, in every page that is loaded from now on. */
export async function freeze(page: Page, scene: Scene): Promise<void> {
  await page.addInitScript(given => {
    const realFetch = window.fetch.bind(window);
    const frozen: Frozen = { scene: given, end: () => undefined };
    Object.assign(window, { frozen });
    const dated = (value: unknown): string =>
      JSON.stringify(value).replace(/"@(-?[\d.]+)"/g, (_, seconds: string) =>
        JSON.stringify(new Date(Date.now() + Number(seconds) * 1e3).toISOString())
      );
    const stream = (): Response => {
      const text = frozen.scene.events
        .map(([name, data]) => `event: ${name}\ndata: ${dated(data)}\n\n`)
        .join('');
      const body = new ReadableStream<Uint8Array>({
        start: controller => {
          const say = (part: string): void => controller.enqueue(new TextEncoder().encode(part));
          say(`retry: 300\n\n${text}`);
          const power = frozen.scene.events.findLast(([name]) => name === 'power')?.[1];
          const live = setInterval(() => say(`event: power\ndata: ${dated(power)}\n\n`), 1_000);
          frozen.end = () => {
            clearInterval(live);
            controller.close();
            frozen.end = () => undefined;
          };
        }
      });
      return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
    };
    window.fetch = async (input, init) => {
      const path = /\/joulebook\/api\/(\w+)/.exec((input as Request).url ?? '')?.[1];
      if (path === undefined) return realFetch(input, init);
      const reply = frozen.scene.replies[path];
      if (path === 'events' && !reply) return stream();
      const { status, body } = reply ?? { status: 404, body: {} };
      return new Response(status === 204 ? null : dated(body), { status });
    };
  }, scene);
}
