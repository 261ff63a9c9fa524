/** Stable codes of everything that can go wrong in the front end. */
export type LabErrorCode =
  | 'api/unreachable'
  | 'api/absent'
  | 'api/daemon-down'
  | 'api/refused'
  | 'api/bad-request'
  | 'api/failed'
  | 'api/malformed'
  | 'plot/invalid';

/** A failure the caller may branch on: `code` is stable, `message` is for people. */
export class LabError extends Error {
  constructor(
    readonly code: LabErrorCode,
    message: string,
    options?: ErrorOptions
  ) {
    super(message, options);
    this.name = 'LabError';
  }
}
