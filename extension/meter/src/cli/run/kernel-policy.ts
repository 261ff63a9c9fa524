import type { ApiClient } from '../../api/client.ts';
import { MeterError } from '../../errors.ts';
import type { Policy } from '../../execution.ts';

/** How the energy of a run's kernel is split, on every meter that the run is followed through. */
export class KernelPolicy {
  readonly #client: ApiClient;
  readonly #policy: Policy | undefined;
  #kernelId: string | undefined;

  /** Of the meters at this client's socket; a `policy` that is undefined leaves it to the settings. */
  constructor(client: ApiClient, policy: Policy | undefined) {
    this.#client = client;
    this.#policy = policy;
  }

  /** The meter has heard the kernel: from now on the policy is in force. */
  async setOf(kernelId: string): Promise<void> {
    this.#kernelId = kernelId;
    await this.set();
  }

  /**
   * Tells the meter that answers now; nothing before the kernel is known.
   * @throws MeterError of a meter that refuses it.
   */
  async set(): Promise<void> {
    if (this.#policy === undefined || this.#kernelId === undefined) return;
    const path = `/v1/kernels/${encodeURIComponent(this.#kernelId)}/policy`;
    try {
      await this.#client.send('PUT', path, { policy: this.#policy });
    } catch (error) {
      // A meter that has gone is told when it is there again; a kernel that has gone needs no policy.
      const gone = ['daemon/not-running', 'api/not-found'];
      if (!(error instanceof MeterError) || !gone.includes(error.code)) throw error;
    }
  }
}
