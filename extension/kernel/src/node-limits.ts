import module from 'node:module';

/** The oldest Node on which the kernel starts: ZeroMQ and V8's promise hooks of earlier ones are not enough. */
const oldest = [20, 17] as const;
const wayOut = 'Node 22.15 or newer has all; JOULEBOOK_NODE names the one to use';

/** Why the kernel cannot run on a version of Node; `undefined` when it can. */
export function nodeRefusal(version = process.versions.node): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
  return isOld
    ? `Node ${version} is too old, the kernel needs ${oldest.join('.')} or newer. ${wayOut}`
    : undefined;
}

/** What does not work on this Node, in sentences for its user. */
export function nodeLimits(): string[] {
  const missing = [
    ...(hasLoaderHooks() ? [] : ['local .ts files cannot be imported']),
    ...(hasSqlite() ? [] : ['the history of cells is not kept'])
  ];
  return missing.length > 0
    ? [`On Node ${process.versions.node}, ${missing.join(' and ')}. ${wayOut}`]
    : [];
}

/** Whether Node lets the kernel load local TypeScript. */
export function hasLoaderHooks(): boolean {
  return typeof (module as Partial<typeof module>).registerHooks === 'function';
}

/** Whether Node brings the database of the history. */
export function hasSqlite(): boolean {
  return module.isBuiltin('node:sqlite');
}
