/**
 * Every way the meter fails, as `stage/what-happened`. Codes are stable API: clients branch on them.
 */
export type MeterErrorCode =
  | 'kernel/bad-connection-file'
  | 'kernel/unsupported-transport'
  | 'measure/unknown'
  | 'measure/not-a-kernel'
  | 'measure/too-many'
  | 'meter/not-started'
  | 'path/unsafe-folder'
  | 'sensor/absent'
  | 'sensor/denied'
  | 'sensor/unreadable'
  | 'sensor/bad-calibration'
  | 'sensor/bad-address'
  | 'sensor/reader-stopped'
  | 'store/newer-schema'
  | 'impact/zone'
  | 'impact/setting'
  | 'impact/service'
  | 'impact/no-key'
  | 'impact/no-forecast'
  | 'api/bad-request'
  | 'api/not-found'
  | 'api/too-large'
  | 'api/too-many-connections'
  | 'api/failed'
  | 'daemon/lock-held'
  | 'daemon/not-running'
  | 'daemon/not-started'
  | 'daemon/no-peer'
  | 'daemon/unknown-user'
  | 'cli/bad-argument'
  | 'cli/budget-unmetered'
  | 'cli/no-python'
  | 'cli/not-calibrated';

/** A failure the caller may branch on: `code` is stable API, `message` is for people. */
export class MeterError extends Error {
  readonly code: MeterErrorCode;

  constructor(code: MeterErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MeterError';
    this.code = code;
  }
}

/** What went wrong, in words, whatever was thrown. */
export function reasonOf(thrown: unknown): string {
  const message = fieldOf(thrown, 'message');
  return typeof message === 'string' ? message : String(thrown);
}

/** The system's error code (`EACCES`, `ENOENT`...) of a failed call, or undefined. */
export function systemCodeOf(thrown: unknown): string | undefined {
  const code = fieldOf(thrown, 'code');
  return typeof code === 'string' ? code : undefined;
}

// Errors may come from another realm (a worker, a test's context), so `instanceof` would not do.
function fieldOf(thrown: unknown, name: string): unknown {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  return name in thrown ? Reflect.get(thrown, name) : undefined;
}
