import type { DatabaseSync } from 'node:sqlite';
import { MeterError } from '../errors.ts';

/**
 * Each entry takes the schema one version up; `user_version` counts those applied. Entries are never
 * edited once released. Times are Unix µs (`started_us`) or CLOCK_MONOTONIC ns (`_ns`); energies J.
 */
const migrations = [
  `
  CREATE TABLE notebooks (key INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE kernels (
    key INTEGER PRIMARY KEY, kernel_id TEXT NOT NULL UNIQUE, kernel_name TEXT NOT NULL
  ) STRICT;
  CREATE TABLE executions (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kernel INTEGER NOT NULL REFERENCES kernels (key),
    notebook INTEGER REFERENCES notebooks (key),
    cell_id TEXT,
    msg_id TEXT NOT NULL,
    execution_count INTEGER,
    source_sha256 TEXT,
    status TEXT NOT NULL,
    started_us INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    start_ns REAL NOT NULL,
    end_ns REAL,
    policy TEXT NOT NULL,
    joules REAL,
    low REAL,
    high REAL,
    kind TEXT NOT NULL,
    idle_joules REAL,
    cpu_seconds REAL,
    read_bytes INTEGER,
    written_bytes INTEGER,
    peak_memory_bytes INTEGER,
    detail TEXT NOT NULL, -- JSON: total, domains, gaps, measures
    change INTEGER NOT NULL, -- grows with every start and end: the id of the server-sent event
    owner TEXT NOT NULL, -- the lock file of the daemon that wrote it
    boot TEXT NOT NULL -- the boot whose CLOCK_MONOTONIC start_ns is of
  ) STRICT;
  CREATE INDEX executions_by_time ON executions (started_us, status);
  CREATE INDEX executions_by_notebook ON executions (notebook, started_us, status);
  CREATE INDEX executions_by_kernel ON executions (kernel, started_us, status, notebook);
  CREATE INDEX executions_by_status ON executions (status, started_us);
  CREATE INDEX executions_by_message ON executions (msg_id);
  CREATE INDEX executions_by_change ON executions (change);
  CREATE TABLE labels (
    msg_id TEXT NOT NULL,
    kernel_id TEXT NOT NULL, -- empty: of any kernel
    notebook TEXT NOT NULL,
    cell_id TEXT NOT NULL,
    labelled_us INTEGER NOT NULL,
    PRIMARY KEY (msg_id, kernel_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX labels_by_time ON labels (labelled_us);
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `
];

/** The schema version that this joulebook writes. */
export const schemaVersion = migrations.length;

/**
 * Takes the database to `schemaVersion`; each step is one transaction, so that two daemons may try at
 * once and a kill in between leaves the older version whole.
 * @throws MeterError `store/newer-schema` when a newer joulebook has written the file.
 */
export function migrate(database: DatabaseSync): void {
  if (versionOf(database) === schemaVersion) return;
  for (;;) {
    database.exec('BEGIN IMMEDIATE');
    try {
      const version = versionOf(database);
      if (version > schemaVersion) {
        throw new MeterError(
          'store/newer-schema',
          `expected a history of schema version ${schemaVersion} or older, got ${version}: ` +
            'a newer joulebook wrote it; update this one (pip install --upgrade joulebook)'
        );
      }
      const migration = migrations[version];
      if (migration !== undefined)
        database.exec(`${migration}; PRAGMA user_version = ${version + 1}`);
      database.exec('COMMIT');
      if (migration === undefined) return;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }
}

function versionOf(database: DatabaseSync): number {
  const row = database.prepare('PRAGMA user_version').get();
  return Number(row?.['user_version']);
}
