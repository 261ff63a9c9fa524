import ts from './ts.ts';

/** So many packages are looked at: each takes some megabytes. */
const most = 20;

/** The packages that the package.json of a folder, or of one above it, lists under `dependencies`. */
export function dependenciesOf(folder: string): string[] {
  const path = ts.findConfigFile(folder, file => ts.sys.fileExists(file), 'package.json');
  if (path === undefined) return [];
  const { config } = ts.readConfigFile(path, file => ts.sys.readFile(file)) as {
    config?: { dependencies?: unknown };
  };
  const listed = config?.dependencies;
  return typeof listed === 'object' && listed !== null ? Object.keys(listed).slice(0, most) : [];
}
