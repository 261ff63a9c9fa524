import type { IncomingMessage } from 'node:http';
import { MeterError, reasonOf } from '../errors.ts';

/** The largest body that is read, in bytes. */
const maxBodyBytes = 2 ** 20;

/**
 * Reads the JSON of a request.
 * @throws MeterError `api/too-large`, as soon as that is known; `api/bad-request` when it is no JSON.
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = await readText(request);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new MeterError('api/bad-request', `expected JSON: ${reasonOf(error)}`);
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = chunk as Buffer;
    bytes += part.length;
    if (bytes > maxBodyBytes) throw tooLarge();
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function tooLarge(): MeterError {
  return new MeterError(
    'api/too-large',
    `expected a body of at most ${maxBodyBytes} bytes: send it in parts`
  );
}
