import { readFileSync, statSync } from 'node:fs';
import { MeterError, systemCodeOf } from '../errors.ts';

/** What each service wants, by the name of its environment variable. */
const variables: Record<string, Record<string, string>> = {
  electricitymaps: { key: 'JOULEBOOK_ELECTRICITYMAPS_KEY' },
  watttime: {
    user: 'JOULEBOOK_WATTTIME_USER',
    password: 'JOULEBOOK_WATTTIME_PASSWORD',
    region: 'JOULEBOOK_WATTTIME_REGION'
  },
  entsoe: { key: 'JOULEBOOK_ENTSOE_KEY' }
};

/**
 * The user's keys for a service, from the environment or else from a file of JSON, `{ "watttime": { "user": … } }`.
 * They are used and never told: no answer, log or notebook holds them.
 * @param file Only its owner may be able to read it (mode 0600).
 * @throws MeterError `impact/no-key` when one is missing, or the file is open to others.
 */
export function keysOf(
  service: { name: string; needs: string[] },
  file: string,
  environment: Record<string, string | undefined>
): Record<string, string> {
  if (service.needs.length === 0) return {};
  const stored = storedKeys(file)[service.name] ?? {};
  const names = variables[service.name] ?? {};
  const entries = service.needs.map(need => {
    const variable = names[need] ?? '';
    const value = environment[variable] || stored[need];
    if (typeof value === 'string' && value !== '') return [need, value];
    throw new MeterError(
      'impact/no-key',
      `${service.name} needs a ${need}: set ${variable} where the meter starts, or put it into ${file}`
    );
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

function storedKeys(file: string): Partial<Record<string, Record<string, string>>> {
  let text: string;
  try {
    if ((statSync(file).mode & 0o077) !== 0) {
      throw new MeterError('impact/no-key', `others may read ${file}: chmod 600 ${file}`);
    }
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return {};
    throw error;
  }
  try {
    return JSON.parse(text) as Partial<Record<string, Record<string, string>>>;
  } catch {
    // Its text may hold a key, so it is not shown.
    throw new MeterError('impact/no-key', `${file} is no JSON`);
  }
}
