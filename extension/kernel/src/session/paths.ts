import { homedir } from 'node:os';
import { join } from 'node:path';

/** Jupyter's folder for data of this user. */
export function jupyterDataFolder(): string {
  const { JUPYTER_DATA_DIR, XDG_DATA_HOME } = process.env;
  return JUPYTER_DATA_DIR ?? join(XDG_DATA_HOME ?? join(homedir(), '.local/share'), 'jupyter');
}

/** Where the kernel keeps what can be made again. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'joulebook');
}
