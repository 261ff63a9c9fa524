import { createHash } from 'node:crypto';
import type { BlockList } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

type Environment = Record<string, string | undefined>;

/** Unix socket paths end at 107 bytes; we leave room for a suffix. */
const longestSocketPath = 100;

/** Where things are, for one user and one set of environment variables. All paths are absolute. */
export interface Places {
  /** Jupyter's data folder. */
  dataDir: string;
  /** Where Jupyter keeps connection files. */
  runtimeDir: string;
  /** The daemon's private folder (mode 0700): lock and log. */
  privateDir: string;
  /** The folder of the socket (mode 0700); the private folder unless its path is too long. */
  socketDir: string;
  /** The daemon's unix socket (mode 0600). */
  socket: string;
  lock: string;
  log: string;
  /** The SQLite file (mode 0600). */
  history: string;
  /** What `joulebook calibrate` found for this machine. */
  calibration: string;
  /** The last carbon intensity that a service told. */
  carbonCache: string;
  /** The user's keys for carbon services (mode 0600). */
  serviceKeys: string;
  /** Root of sysfs. */
  sysfs: string;
  /** Meters on the network, as `JOULEBOOK_METERS` lists them; empty: none. */
  meters: string;
  /** Where kernels of `jupyter execute` and papermill put their connection files. */
  tempDir: string;
  /** Whose kernels are metered, by the system's number of the user. */
  user: number;
  /** Set where the daemon of a whole node meters them: a user must not lead it to what only it may open. */
  system?: { networks: BlockList };
}

/**
 * Finds the meter's places from the environment: `JUPYTER_RUNTIME_DIR`, `JUPYTER_DATA_DIR`,
 * `XDG_DATA_HOME`, `XDG_RUNTIME_DIR`, `JOULEBOOK_SOCKET`, `JOULEBOOK_HISTORY`, `JOULEBOOK_SYSFS`, `JOULEBOOK_METERS`.
 * @param environment Default: `process.env`.
 */
export function placesOf(environment: Environment = process.env): Places {
  const set = (name: string) => environment[name] || undefined;
  const home = set('HOME') ?? homedir();
  const dataHome = set('XDG_DATA_HOME') ?? join(home, '.local', 'share');
  const dataDir = resolve(set('JUPYTER_DATA_DIR') ?? join(dataHome, 'jupyter'));
  const runtimeDir = resolve(set('JUPYTER_RUNTIME_DIR') ?? join(dataDir, 'runtime'));
  const privateDir = join(runtimeDir, 'joulebook');
  const socketDir = shortEnough(privateDir)
    ? privateDir
    : join(set('XDG_RUNTIME_DIR') ?? '/tmp', `joulebook-${userId()}-${shortHash(runtimeDir)}`);
  return {
    dataDir,
    runtimeDir,
    privateDir,
    socketDir,
    socket: set('JOULEBOOK_SOCKET') ?? join(socketDir, 'meter.sock'),
    lock: join(privateDir, 'meter.lock'),
    log: join(privateDir, 'meter.log'),
    history: set('JOULEBOOK_HISTORY') ?? join(dataDir, 'joulebook', 'history.sqlite'),
    calibration: join(dataDir, 'joulebook', 'calibration.json'),
    carbonCache: join(dataDir, 'joulebook', 'carbon.json'),
    serviceKeys: join(dataDir, 'joulebook', 'service-keys.json'),
    sysfs: resolve(set('JOULEBOOK_SYSFS') ?? '/sys'),
    meters: set('JOULEBOOK_METERS') ?? '',
    tempDir: resolve(set('TMPDIR') ?? tmpdir()),
    user: userId()
  };
}

function shortEnough(folder: string): boolean {
  return Buffer.byteLength(join(folder, 'meter.sock')) <= longestSocketPath;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

function userId(): number {
  return process.getuid?.() ?? 0;
}
