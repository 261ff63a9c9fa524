/** The names that the kernel itself gives to cells. */
export const globalTypes = `
/**
 * Asks the user for a line of text and waits for it.
 * @param prompt Shown before the input field.
 */
declare function input(prompt?: string, options?: { password?: boolean }): string;
`;

/** The types of the module \`tslab\`, which notebooks import to show things. */
export const tslabTypes = `
/** The versions of the kernel and what it runs on. */
export declare const versions: { tslab: string; typescript: string; node: string };
export interface Display {
  javascript(s: string): void;
  html(s: string): void;
  markdown(s: string): void;
  latex(s: string): void;
  svg(s: string): void;
  png(b: Uint8Array): void;
  jpeg(b: Uint8Array): void;
  gif(b: Uint8Array): void;
  pdf(b: Uint8Array): void;
  text(s: string): void;
  /** Shows any MIME type; bytes travel in base64. */
  raw(contentType: string, b: unknown): void;
}
/** Shows rich content in the output of the running cell. */
export declare const display: Display;
/** Returns a display whose every call overwrites what it showed before. */
export declare function newDisplay(): Display;
/** Clears the output of the running cell; with \`wait\`, when the next output arrives. */
export declare function clearOutput(wait?: boolean): void;
/** A message that arrived on a comm. */
export interface CommMessage { data: Record<string, unknown>; buffers: Uint8Array[] }
/** A channel to a widget in the front end. */
export interface Comm {
  readonly id: string;
  send(data: Record<string, unknown>, buffers?: Uint8Array[]): void;
  close(data?: Record<string, unknown>): void;
  onMessage(handler: (message: CommMessage) => void): void;
  onClose(handler: () => void): void;
}
export declare const comms: {
  /** Opens a comm to a target that the front end knows. */
  open(target: string, data?: Record<string, unknown>, options?: { metadata?: Record<string, unknown>; buffers?: Uint8Array[] }): Comm;
  /** Accepts comms that the front end opens. */
  register(target: string, opened: (comm: Comm, message: CommMessage) => void): void;
};
`;
