import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { PassThrough } from 'node:stream';
import type { ApiClient } from '../../api/client.ts';
import { wallReference } from './reference.ts';

describe('wallReference', () => {
  const client = { get: () => Promise.resolve({ domains: [] }) } as unknown as ApiClient;

  it('asks until a power is typed in', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const terminal = createInterface({ input, output });
    const watts = wallReference(client, terminal).watts(0);
    await once(output, 'data');
    input.write('many\n');
    await once(output, 'data');
    input.write('40,5\n');
    expect(await watts).toBe(40.5);
    terminal.close();
  });

  it('ends with the reason when its terminal closes while it waits', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const terminal = createInterface({ input, output });
    const watts = wallReference(client, terminal).watts(0);
    const failed = expect(watts).rejects.toThrow('the input ended before the last step');
    await once(output, 'data');
    input.end();
    await failed;
  });
});
