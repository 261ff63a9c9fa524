import { mkdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BlockList, Socket } from 'node:net';
import { join } from 'node:path';
import { failureOf } from '../api/errors.ts';
import { MeterError, reasonOf } from '../errors.ts';
import { placesOf, type Places } from '../paths.ts';
import type { Settings } from '../store/settings.ts';
import { Lifetime, type LifetimeOptions } from './lifetime.ts';
import { type DaemonMeter, type Service, startService } from './service.ts';

/** As Jupyter has it. */
const defaultRuntimeDir = '{home}/.local/share/jupyter/runtime';
/** Users served at once; each costs a few MiB. */
const mostUsers = 1000;
/** Connections of one user at once: nobody can use up what the daemon may open. */
export const mostConnections = 128;
/** So many more are told why they are refused, if they ask within this time, in ms; others are closed at once. */
const mostRefused = 16;
const refusalMs = 1000;
/** Answers in progress may end within this time when a user is left. */
const answerGraceMs = 1000;

/** How users are served. */
export interface TenantsOptions extends LifetimeOptions {
  /** Folder with a folder for each user's history; only the daemon may enter it. */
  state: string;
  /** The daemon's lock. */
  lock: string;
  /** Networks besides this machine whose kernels are listened to, such as that of the node's pods. */
  networks: BlockList;
  /** A user's home folder; asked where `runtimeDir` has it. */
  homeOf: (user: number) => Promise<string>;
  /** Where a user's Jupyter keeps connection files; `{home}` and `{user}` stand for the user's. @default {home}/.local/share/jupyter/runtime */
  runtimeDir?: string;
  /** Makes a user's meter. */
  createMeter: (places: Places) => (settings: Settings) => DaemonMeter;
  environment: Record<string, string | undefined>;
  boot: string;
  log: (message: string) => void;
}

interface Tenant {
  service: Service;
  lifetime: Lifetime;
  /** Those that are open. */
  sockets: Set<Socket>;
  /** Those that are one too many and wait to be told. */
  refused: Set<Socket>;
  /** In progress. */
  answers: Set<ServerResponse>;
}

/** The users of a node, each with a meter, a history and an interface of their own; nobody reaches another's. */
export class Tenants {
  readonly #options: TenantsOptions;
  readonly #tenants = new Map<number, Promise<Tenant>>();
  /** Whose a connection is, or why it is refused; undefined: it was closed. */
  readonly #connected = new WeakMap<Socket, Promise<Tenant | MeterError | undefined>>();
  /** Those that are closed: their user's next connection waits for that. */
  readonly #leaving = new Map<number, Promise<void>>();

  constructor(options: TenantsOptions) {
    this.#options = options;
  }

  /** The users served now. */
  get users(): number[] {
    return [...this.#tenants.keys()];
  }

  /**
   * Lets a connection ask for what is its user's.
   * @param user Whose it is, by the kernel's word.
   * @param connection It is closed when the user cannot be served.
   */
  welcome(user: number, connection: Socket): void {
    this.#connected.set(connection, this.#admit(user, connection));
  }

  /** Answers a request by what is its connection's user's, once that is there. */
  async answer(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const tenant = await this.#connected.get(request.socket);
    if (tenant === undefined || answer.destroyed) return;
    if (tenant instanceof MeterError) return sendRefusal(answer, tenant);
    tenant.answers.add(answer);
    answer.once('close', () => tenant.answers.delete(answer));
    tenant.service.app(request, answer);
  }

  async #admit(user: number, connection: Socket): Promise<Tenant | MeterError | undefined> {
    try {
      const tenant = await this.#tenantOf(user);
      if (connection.destroyed) return undefined;
      if (tenant.sockets.size >= mostConnections) return this.#refuse(user, tenant, connection);
      tenant.sockets.add(connection);
      connection.once('close', () => tenant.sockets.delete(connection));
      return tenant;
    } catch (error) {
      this.#options.log(`user ${user} is not served: ${reasonOf(error)}`);
      connection.destroy();
      return undefined;
    }
  }

  /** One connection too many is told so, if it asks soon and not too many others do. */
  #refuse(user: number, { refused }: Tenant, connection: Socket): MeterError {
    const refusal = tooMany();
    this.#options.log(`user ${user} is refused a connection: ${refusal.message}`);
    if (refused.size >= mostRefused) connection.destroy();
    refused.add(connection);
    const timer = setTimeout(() => connection.destroy(), refusalMs);
    connection.once('close', () => {
      clearTimeout(timer);
      refused.delete(connection);
    });
    return refusal;
  }

  /** Ends serving everybody. */
  async stop(): Promise<void> {
    await Promise.all(this.users.map(user => this.#leave(user)));
  }

  #tenantOf(user: number): Promise<Tenant> {
    const known = this.#tenants.get(user);
    if (known) return known;
    const tenant = (this.#leaving.get(user) ?? Promise.resolve()).then(() => this.#start(user));
    this.#tenants.set(user, tenant);
    // One that could not start is tried again by the next connection.
    tenant.catch(() => this.#tenants.delete(user));
    return tenant;
  }

  async #start(user: number): Promise<Tenant> {
    if (this.#tenants.size > mostUsers) {
      throw new MeterError('daemon/unknown-user', `${mostUsers} users are served already`);
    }
    const { createMeter, environment, boot, log } = this.#options;
    const places = await this.#placesOf(user);
    const service = await startService({
      ...{ places, environment, boot },
      createMeter: createMeter(places),
      log: message => log(`user ${user}: ${message}`)
    });
    const lifetime = new Lifetime(this.#options);
    service.leases.onChange = count => lifetime.leases(count);
    void lifetime.over.then(() => this.#leave(user));
    log(`serves user ${user}, ${service.resumed} to resume`);
    return { service, lifetime, sockets: new Set(), refused: new Set(), answers: new Set() };
  }

  async #leave(user: number): Promise<void> {
    const tenant = this.#tenants.get(user);
    if (!tenant) return this.#leaving.get(user);
    this.#tenants.delete(user);
    const left = this.#close(user, tenant).finally(() => this.#leaving.delete(user));
    this.#leaving.set(user, left);
    return left;
  }

  async #close(user: number, tenant: Promise<Tenant>): Promise<void> {
    const started = await tenant.catch(() => undefined);
    // One that could not start has left nothing to close, and its reason was logged.
    if (!started) return;
    const { service, lifetime, sockets, answers } = started;
    lifetime.stop();
    await service.quiet();
    await closeAll(sockets, answers);
    service.close();
    this.#options.log(`user ${user} has left`);
  }

  async #placesOf(user: number): Promise<Places> {
    const { state, lock, networks, homeOf, runtimeDir = defaultRuntimeDir } = this.#options;
    const own = join(state, String(user));
    const home = runtimeDir.includes('{home}') ? await homeOf(user) : own;
    mkdirSync(own, { recursive: true, mode: 0o700 });
    const { JOULEBOOK_SYSFS, JOULEBOOK_METERS, TMPDIR } = this.#options.environment;
    const places = placesOf({
      ...{ JOULEBOOK_SYSFS, JOULEBOOK_METERS, TMPDIR, HOME: home },
      JUPYTER_DATA_DIR: own,
      JUPYTER_RUNTIME_DIR: runtimeDir.replaceAll('{home}', home).replaceAll('{user}', String(user)),
      JOULEBOOK_HISTORY: join(own, 'history.sqlite')
    });
    return { ...places, lock, user, system: { networks } };
  }
}

function tooMany(): MeterError {
  return new MeterError(
    'api/too-many-connections',
    `expected at most ${mostConnections} connections of a user at once, got one more: end some, such as servers and commands that are not needed`
  );
}

function sendRefusal(answer: ServerResponse, { code, message }: MeterError): void {
  const { status, body } = failureOf(code, message);
  const headers = { 'content-type': 'application/json', connection: 'close' };
  answer.writeHead(status, headers).end(JSON.stringify(body));
}

/** Lets answers in progress end, for a while, then closes every connection. */
async function closeAll(sockets: Set<Socket>, answers: Set<ServerResponse>): Promise<void> {
  const destroy = () => sockets.forEach(socket => socket.destroy());
  const timer = setTimeout(destroy, answerGraceMs);
  await Promise.all(
    [...answers].map(answer => new Promise<void>(resolve => answer.once('close', resolve)))
  );
  clearTimeout(timer);
  destroy();
}
