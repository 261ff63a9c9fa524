import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { PartialJSONObject } from '@lumino/coreutils';
import { LabError, type LabErrorCode } from '../errors';
import type { Impact } from './impact-types';
import type {
  DaemonSettings,
  Execution,
  ExecutionQuery,
  Label,
  Status,
  TutorialLanguage
} from './types';

/** The daemon's routes as the Jupyter server guards them, with the server's own authentication. */
export class EnergyApi {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  /** The daemon's version, sensors and kernels. */
  status(): Promise<Status> {
    return this.json<Status>('status');
  }

  /** The executions a query selects, at most 10,000 of them. */
  async executions(query: ExecutionQuery): Promise<Execution[]> {
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const text = new URLSearchParams(given.map(([key, value]) => [key, String(value)]));
    const body = await this.json<{ executions?: Execution[] }>(`executions?${text.toString()}`);
    if (!Array.isArray(body.executions)) {
      throw new LabError('api/malformed', 'expected { executions: [] } from executions');
    }
    return body.executions;
  }

  /** Tells the daemon which cells some requests came from; at most 1,000 at a time. */
  async label(labels: Label[]): Promise<void> {
    await this.request('labels', { method: 'POST', body: JSON.stringify({ labels }) });
  }

  /** The coefficients of carbon and price; an `api/absent` error where the daemon has none. */
  impact(): Promise<Impact> {
    return this.json<Impact>('impact');
  }

  /** The daemon's policy and retention. */
  daemonSettings(): Promise<DaemonSettings> {
    return this.json<DaemonSettings>('settings');
  }

  /** Changes the daemon's settings; what is left out stays. */
  async setDaemonSettings(change: Partial<DaemonSettings>): Promise<void> {
    await this.request('settings', { method: 'PUT', body: JSON.stringify(change) });
  }

  /** The notebook of a new tutorial. */
  tutorial(language: TutorialLanguage): Promise<PartialJSONObject> {
    return this.json<PartialJSONObject>(`tutorials/${language}`);
  }

  /** Opens the event stream after `lastEventId` and yields its text as it comes. */
  async *events(lastEventId: string | null, signal: AbortSignal): AsyncIterable<string> {
    const headers: Record<string, string> = { Accept: 'text/event-stream' };
    if (lastEventId !== null) headers['Last-Event-ID'] = lastEventId;
    const response = await this.request('events', { signal, headers });
    if (!response.body) throw new LabError('api/malformed', 'expected a stream from events');
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  }

  private async json<T>(path: string): Promise<T> {
    const response = await this.request(path, {});
    return (await response.json()) as T;
  }

  private async request(path: string, init: RequestInit): Promise<Response> {
    const url = URLExt.join(this.settings.baseUrl, 'joulebook', 'api', path);
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(url, init, this.settings);
    } catch (cause) {
      throw new LabError('api/unreachable', `no answer from ${path}`, { cause });
    }
    if (!response.ok) {
      throw new LabError(codeOf(response.status), await messageOf(response, path));
    }
    return response;
  }
}

function codeOf(status: number): LabErrorCode {
  if (status === 404) return 'api/absent';
  if (status === 401 || status === 403) return 'api/refused';
  if (status === 400 || status === 413) return 'api/bad-request';
  return status >= 502 && status <= 504 ? 'api/daemon-down' : 'api/failed';
}

async function messageOf(response: Response, path: string): Promise<string> {
  const fallback = `${path} answered ${response.status} ${response.statusText}`;
  try {
    const body = (await response.json()) as { error?: { message?: string }; message?: string };
    return body.error?.message ?? body.message ?? fallback;
  } catch {
    return fallback;
  }
}
