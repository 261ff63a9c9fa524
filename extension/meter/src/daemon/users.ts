import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MeterError } from '../errors.ts';

const run = promisify(execFile);
const timeoutMs = 5000;
/** A user whom the database does not have is not looked for again at each of their connections. */
const forgetMs = 60_000;

/** Users' home folders, as the system's user database has them: files, LDAP, SSSD. */
export class Homes {
  readonly #ask: (user: number) => Promise<string>;
  readonly #unknown = new Map<number, { untilMs: number; error: unknown }>();

  /**
   * Remembers whom the database does not have.
   * @param ask Looks into the database. @default getent
   */
  constructor(ask: (user: number) => Promise<string> = homeByGetent) {
    this.#ask = ask;
  }

  /**
   * A user's home folder.
   * @param user The system's number of the user.
   * @throws MeterError `daemon/unknown-user` for a number that the database does not have.
   */
  async of(user: number): Promise<string> {
    const known = this.#unknown.get(user);
    if (known && performance.now() < known.untilMs) throw known.error;
    this.#unknown.delete(user);
    try {
      return await this.#ask(user);
    } catch (error) {
      this.#unknown.set(user, { untilMs: performance.now() + forgetMs, error });
      throw error;
    }
  }
}

/**
 * Asks the system's own tool, which knows every source of users.
 * @see getent(1), passwd(5)
 */
async function homeByGetent(user: number): Promise<string> {
  try {
    const { stdout } = await run('getent', ['passwd', String(user)], { timeout: timeoutMs });
    const home = stdout.trim().split(':')[5];
    if (home?.startsWith('/')) return home;
  } catch {
    // Said below: getent ends with 2 for a user it does not know.
  }
  throw new MeterError(
    'daemon/unknown-user',
    `expected a user with a home folder, user ${user} has none (getent passwd ${user}); a container of a user must share the node's user database`
  );
}
