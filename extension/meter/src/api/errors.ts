import type { MeterErrorCode } from '../errors.ts';

/** The HTTP status of each coded failure; one that is not listed is the daemon's own fault: 500. */
const statuses: Partial<Record<MeterErrorCode, 400 | 404 | 409 | 413 | 429 | 503>> = {
  'api/bad-request': 400,
  'api/not-found': 404,
  'api/too-large': 413,
  'api/too-many-connections': 429,
  'impact/zone': 400,
  'impact/setting': 400,
  'measure/unknown': 404,
  'measure/not-a-kernel': 409,
  'measure/too-many': 429,
  'meter/not-started': 503
};

/** The body and status that answer a failure. */
export function failureOf(code: MeterErrorCode, message: string) {
  return { body: { error: { code, message } }, status: statuses[code] ?? 500 } as const;
}
