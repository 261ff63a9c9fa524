import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { request } from 'node:http';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { HelperError } from './errors.ts';

/** A unix socket's path has 108 bytes at most on Linux and 104 on macOS; the daemon stops at this. */
const longestSocketPath = 100;

/**
 * Where this user's meter listens.
 * @param env The environment: `JOULEBOOK_SOCKET` wins; else Jupyter's runtime directory holds the socket, and a folder
 *   named after that directory does where the path would be too long for a socket.
 * @returns The path of the unix socket, whether or not anything listens there.
 * @throws HelperError `energy/no-meter` when the folder of the short path belongs to somebody else.
 */
export function socketPath(env: NodeJS.ProcessEnv = process.env): string {
  if (env.JOULEBOOK_SOCKET) return env.JOULEBOOK_SOCKET;
  const runtime = jupyterRuntimeDir(env);
  const path = join(runtime, 'joulebook', 'meter.sock');
  if (Buffer.byteLength(path) <= longestSocketPath) return path;
  const hash = createHash('sha256').update(runtime).digest('hex').slice(0, 12);
  const folder = join(
    env.XDG_RUNTIME_DIR || '/tmp',
    `joulebook-${process.getuid?.() ?? 0}-${hash}`
  );
  refuseForeign(folder);
  return join(folder, 'meter.sock');
}

/**
 * Asks the meter.
 * @param method HTTP method.
 * @param path Path of the route, from `/v1`.
 * @param body What to send as JSON, if anything.
 * @param timeoutMs How long to wait for the answer.
 * @returns The answer's JSON, undefined when it has no body.
 * @throws HelperError `energy/no-meter` when nobody answers, `energy/refused` when the meter says no.
 */
export async function askMeter(
  method: 'GET' | 'POST',
  path: string,
  body?: object,
  timeoutMs = 5000
): Promise<unknown> {
  const { status, text } = await exchange(method, path, body, timeoutMs);
  const answer = parse(text);
  if (status < 400) return answer;
  const said = (answer as { error?: { message?: string } } | undefined)?.error?.message;
  throw new HelperError('energy/refused', `the meter refused ${method} ${path}: ${said ?? status}`);
}

interface Answer {
  status: number;
  text: string;
}

function exchange(method: string, path: string, body: object | undefined, timeoutMs: number) {
  const socket = socketPath();
  return new Promise<Answer>((settle, reject) => {
    const fail = (cause: Error): void => {
      const how = `start JupyterLab with joulebook, or run "joulebook serve"`;
      const text = `no meter answers at ${socket} (${cause.message}); ${how}`;
      reject(new HelperError('energy/no-meter', text, { cause }));
    };
    const sent = body === undefined ? '' : JSON.stringify(body);
    const headers = {
      host: 'localhost',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(sent)
    };
    // A connection of its own: a kept one would hold the process open.
    const call = request({ socketPath: socket, method, path, headers, agent: false }, response => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () =>
        settle({
          status: response.statusCode ?? 500,
          text: Buffer.concat(chunks).toString('utf8')
        })
      );
    });
    call.setTimeout(timeoutMs, () => call.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    call.on('error', fail);
    call.end(sent);
  });
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    const got = JSON.stringify(text.slice(0, 80));
    throw new HelperError('energy/refused', `expected JSON from the meter, got ${got}`, { cause });
  }
}

function jupyterRuntimeDir(env: NodeJS.ProcessEnv): string {
  if (env.JUPYTER_RUNTIME_DIR) return resolve(env.JUPYTER_RUNTIME_DIR);
  const share = env.XDG_DATA_HOME || join(env.HOME || homedir(), '.local', 'share');
  return resolve(env.JUPYTER_DATA_DIR || join(share, 'jupyter'), 'runtime');
}

/** Another user could have made the folder first, below a directory that all may write to. */
function refuseForeign(folder: string): void {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (!found) return;
  const mine = process.getuid === undefined || found.uid === process.getuid();
  if (found.isDirectory() && mine && (found.mode & 0o077) === 0) return;
  throw new HelperError(
    'energy/no-meter',
    `${folder} is not a private folder of this user, so no meter is trusted there; remove it from ${dirname(folder)}`
  );
}
