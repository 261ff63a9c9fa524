/** CLOCK_MONOTONIC in ns: exact to 1 ns for the first 104 days after boot, to 2 ns later. */
export function monotonicNs(): number {
  return Number(process.hrtime.bigint());
}

const isoDate = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * Reads an ISO 8601 date down to the nanosecond (JavaScript's Date drops all below a millisecond).
 * A date without a zone is UTC, as in Jupyter's message headers.
 * @returns ns since 1970, or undefined when it is not such a date.
 */
export function parseIsoNs(text: string): bigint | undefined {
  const match = isoDate.exec(text);
  if (!match) return undefined;
  const [, day = '', clock = '', fraction = '', zone = 'Z'] = match;
  const milliseconds = Date.parse(`${day}T${clock}${zone}`);
  if (Number.isNaN(milliseconds)) return undefined;
  return BigInt(milliseconds) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** Writes ns since 1970 as ISO 8601 in UTC with microseconds. */
export function formatIso(wallNs: bigint): string {
  const microseconds = wallNs / 1_000n;
  const date = new Date(Number(microseconds / 1_000n)).toISOString();
  return date.replace('Z', `${String(microseconds % 1_000n).padStart(3, '0')}Z`);
}
