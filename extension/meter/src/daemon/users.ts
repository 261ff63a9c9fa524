import { execFileSync } from 'node:child_process';
import { MeterError } from '../errors.ts';

const timeoutMs = 5000;

/**
 * A user's home folder, as the system's user database has it: files, LDAP, SSSD.
 * @param user The system's number of the user.
 * @throws MeterError `daemon/unknown-user` for a number that the database does not have.
 * @see getent(1), passwd(5)
 */
export function homeOf(user: number): string {
  try {
    const line = execFileSync('getent', ['passwd', String(user)], {
      encoding: 'utf8',
      timeout: timeoutMs,
      stdio: ['ignore', 'pipe', 'ignore']
    });
    const home = line.trim().split(':')[5];
    if (home?.startsWith('/')) return home;
  } catch {
    // Said below: getent ends with 2 for a user it does not know.
  }
  throw new MeterError(
    'daemon/unknown-user',
    `expected a user with a home folder, user ${user} has none (getent passwd ${user}); a container of a user must share the node's user database`
  );
}
