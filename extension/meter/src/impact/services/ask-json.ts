import { MeterError, reasonOf } from '../../errors.ts';

const timeoutMs = 8000;
/** A day of a country's generation is well below this. */
const mostBytes = 8 * 2 ** 20;

/**
 * Gets a text over HTTP. Messages name host and path only: the query may hold a key.
 * @throws MeterError `impact/service` when nobody answers in time, or with anything but success.
 */
export async function askText(url: URL, headers: Record<string, string> = {}): Promise<string> {
  const place = `${url.host}${url.pathname}`;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
    text = await response.text();
  } catch (cause) {
    const reason =
      cause instanceof Error && cause.name === 'TimeoutError' ? 'timeout' : 'no answer';
    throw new MeterError('impact/service', `${place}: ${reason} (${codeOf(cause)})`);
  }
  if (!response.ok) {
    throw new MeterError('impact/service', `${place} answered with status ${response.status}`);
  }
  if (text.length > mostBytes) {
    throw new MeterError('impact/service', `${place} answered with ${text.length} characters`);
  }
  return text;
}

/**
 * Gets JSON over HTTP.
 * @throws MeterError `impact/service` as `askText` does, and when the answer is no JSON.
 */
export async function askJson(url: URL, headers: Record<string, string> = {}): Promise<unknown> {
  const text = await askText(url, { accept: 'application/json', ...headers });
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const place = `${url.host}${url.pathname}`;
    throw new MeterError('impact/service', `${place} answered with something else than JSON`);
  }
}

function codeOf(thrown: unknown): string {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return reasonOf(cause ?? thrown).slice(0, 100);
}
