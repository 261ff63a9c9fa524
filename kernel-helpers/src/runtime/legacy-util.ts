/**
 * Gives back to Node's `util` the two functions that tfjs-node's kernels still call and Node 23 removed
 * (Node 22 has them and warns at each first call).
 */
export function restoreLegacyUtil(): void {
  if (Number(process.versions.node.split('.')[0]) < 22) return;
  // The kernels read the functions from the CommonJS object of `util`; a namespace import cannot be written to.
  const util = process.getBuiltinModule('node:util');
  const replacements = {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray
  };
  for (const [name, value] of Object.entries(replacements)) {
    Object.defineProperty(util, name, { value, configurable: true, writable: true });
  }
}
