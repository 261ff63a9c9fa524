/** Remembers where in the user's code something happened, at little cost: the text is made only when it is read. */
export interface Origin {
  readonly stack?: string;
}

/** Frames to keep: those of TensorFlow.js come first. */
export const stackFrames = 60;

/**
 * Notes where we are.
 * @returns A stack that is formatted when it is needed.
 */
export function here(): Origin {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = stackFrames;
  const origin: Origin = {};
  Error.captureStackTrace(origin, here);
  Error.stackTraceLimit = limit;
  return origin;
}

/**
 * The user's own line in a stack: the first that is neither TensorFlow.js's, nor this library's, nor Node's.
 * @param origin Where something happened.
 * @returns ` at file:line:column`, or nothing when no line is the user's.
 */
export function userLine(origin: Origin): string {
  const lines = (origin.stack ?? '').split('\n').slice(1);
  const line = lines.find(text => text.includes(':') && !isForeign(text));
  const place = line && /\(?((?:file:\/\/)?[^()\s]+:\d+(?::\d+)?)\)?$/.exec(line.trim());
  return place ? ` at ${place[1]!.replace('file://', '')}` : '';
}

const ownFolder = folderOf(here());

function isForeign(line: string): boolean {
  if (line.includes('/@tensorflow/') || line.includes('node:')) return true;
  return ownFolder !== undefined && line.includes(ownFolder) && !line.includes('.test.');
}

/** The folder that holds `jit/`: src in development, lib when installed. */
function folderOf(origin: Origin): string | undefined {
  return /(\/[^()\s]*\/)jit\/source-line\.[jt]s/.exec(origin.stack ?? '')?.[1];
}
