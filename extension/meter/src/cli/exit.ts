/** A command did its work, and the answer is that something failed: exit code 1, already said. */
export class CommandFailed extends Error {}

/** What a process answers to its caller. */
export const exitCodes = { ok: 0, failure: 1, usage: 2 } as const;
