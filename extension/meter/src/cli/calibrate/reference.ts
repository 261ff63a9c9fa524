import type { Interface } from 'node:readline/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../../api/client.ts';
import type { Status } from '../../api/schemas/status.ts';
import { MeterError } from '../../errors.ts';
import type { Domain, PowerNow } from '../../execution.ts';

/** What tells the true power while the machine is loaded. */
export interface Reference {
  /** In words. */
  name: string;
  /** Mean CPU power in watts over the next `seconds`. */
  watts(seconds: number): Promise<number>;
}

/** Measured domains to fit against, the closest to the CPU first. */
const domains: Domain[] = ['package', 'psys', 'wall', 'battery'];

/**
 * The best measured sensor of the machine.
 * @throws MeterError `cli/not-calibrated` when there is none.
 */
export function sensorReference(client: ApiClient, { sensors }: Status): Reference {
  const measured = sensors.filter(({ kind, state }) => kind === 'measured' && state === 'active');
  for (const domain of domains) {
    const found = measured.find(sensor => sensor.domain === domain);
    if (found === undefined) continue;
    const watts = (seconds: number) => meanWatts(client, domain, seconds);
    return { name: `${domain} (${found.device})`, watts };
  }
  const remedies = sensors.flatMap(({ remedy }) =>
    remedy?.startsWith('run ') ? [] : (remedy ?? [])
  );
  throw new MeterError(
    'cli/not-calibrated',
    'no measured sensor to fit against: type in what a meter at the wall shows (--wall)' +
      (remedies.length === 0 ? '' : `, or grant access first: ${remedies[0]}`)
  );
}

/** A person who reads a meter at the wall, asked at each step. */
export function wallReference(client: ApiClient, terminal: Interface): Reference {
  return {
    name: 'wall, typed in',
    watts: async seconds => {
      await pause(seconds * 1000);
      for (;;) {
        const answer = (await ask(terminal, '  watts at the wall now: ')).replace(',', '.');
        const watts = answer.trim() === '' ? NaN : Number(answer);
        if (watts > 0) return watts - (await memoryWatts(client));
      }
    }
  };
}

async function ask(terminal: Interface, question: string): Promise<string> {
  // A question that waits is not answered when its terminal closes, by Ctrl-C, Ctrl-D or the end of a pipe.
  const closed = new AbortController();
  const onClose = () => closed.abort();
  terminal.once('close', onClose);
  try {
    return await terminal.question(question, { signal: closed.signal });
  } catch (cause) {
    const message = 'the input ended before the last step: a reading is asked for at each';
    throw new MeterError('cli/not-calibrated', message, { cause });
  } finally {
    terminal.off('close', onClose);
  }
}

/** Mean power of a domain over the next seconds; memory that the domain contains is taken off. */
async function meanWatts(client: ApiClient, domain: Domain, seconds: number): Promise<number> {
  const signal = AbortSignal.timeout(Math.round(seconds * 1000));
  const seen: number[] = [];
  try {
    for await (const { name, data } of client.events(signal)) {
      if (name !== 'power') continue;
      const found = (data as PowerNow).domains.find(each => each.domain === domain);
      if (found?.watts != null) seen.push(found.watts);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (seen.length === 0) {
    throw new MeterError('cli/not-calibrated', `no reading of ${domain} within ${seconds} s`);
  }
  const mean = seen.reduce((sum, watts) => sum + watts, 0) / seen.length;
  return domain === 'package' ? mean : mean - (await memoryWatts(client));
}

/** What the meter adds for memory beside the model of the CPU, so that both sum up to the reading. */
async function memoryWatts(client: ApiClient): Promise<number> {
  const { domains: now } = await client.get<PowerNow>('/v1/power');
  return now.find(({ domain }) => domain === 'dram')?.watts ?? 0;
}
