/** The kernel's stable error codes. */
export type KernelErrorCode =
  | 'connection/unreadable'
  | 'connection/invalid'
  | 'connection/unsupported'
  | 'message/malformed'
  | 'message/signature'
  | 'cell/too-large'
  | 'checker/lost'
  | 'module/unsupported'
  | 'stdin/refused'
  | 'display/invalid'
  | 'exit/refused';

/** A failure the caller may branch on: `code` is stable API, `message` is for people. */
export class KernelError extends Error {
  readonly code: KernelErrorCode;

  constructor(code: KernelErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KernelError';
    this.code = code;
  }
}

/** What a cell ends with when its user stopped it. */
export class Interrupted extends Error {
  constructor() {
    super('the cell was interrupted');
    this.name = 'Interrupted';
  }
}
