import { ScriptedMeter, twoJoules, type Answer } from './fixtures/meter.ts';
import { measure } from './measure.ts';
import { coded } from './fixtures/coded.ts';

async function withMeter(
  answer: Answer,
  test: (meter: ScriptedMeter) => Promise<void>
): Promise<void> {
  const meter = new ScriptedMeter(answer);
  await meter.listen();
  try {
    await test(meter);
  } finally {
    await meter.close();
  }
}

describe('measure', () => {
  it('gives the value with the energy and the seconds that the meter says', () =>
    withMeter(twoJoules, async meter => {
      const measured = await measure('train', () => 42);
      expect(measured).toEqual({
        value: 42,
        energy: { joules: 2, low: 1.9, high: 2.1, kind: 'measured' },
        domains: [],
        seconds: 0.5
      });
      expect(meter.calls[0]?.body).toEqual({ pid: process.pid, label: 'train' });
    }));

  it('tells the meter which block encloses another', () =>
    withMeter(twoJoules, async meter => {
      await measure('outer', async () => {
        await measure('inner', () => 1);
      });
      expect(meter.calls.map(call => [call.route, call.body.parent_id])).toEqual([
        ['POST /v1/measures', undefined],
        ['POST /v1/measures', 'm-outer'],
        ['POST /v1/measures/m-inner/end', undefined],
        ['POST /v1/measures/m-outer/end', undefined]
      ]);
    }));

  it('ends the block when its code throws, and passes the error on', () =>
    withMeter(twoJoules, async meter => {
      const failing = measure('fails', () => {
        throw new Error('mine');
      });
      await expect(failing).rejects.toThrow('mine');
      expect(meter.calls.at(-1)?.route).toBe('POST /v1/measures/m-fails/end');
    }));

  it('knows the joules so far of the running block', () =>
    withMeter(
      call =>
        call.route === 'GET /v1/measures/m-run'
          ? [200, { id: 'm-run', joules: 0.7 }]
          : twoJoules(call),
      async () => {
        const { value } = await measure('run', block => block.joulesSoFar());
        expect(value).toBe(0.7);
      }
    ));

  it('runs without a meter, and says why the energy is missing', async () => {
    process.env.JOULEBOOK_SOCKET = '/nonexistent/meter.sock';
    const { value, energy, seconds } = await measure('alone', () => 'done');
    delete process.env.JOULEBOOK_SOCKET;
    expect(value).toBe('done');
    expect(energy).toMatchObject({ joules: null, low: null, high: null, kind: 'missing' });
    expect(energy.reason).toContain('/nonexistent/meter.sock');
    expect(seconds).toBeGreaterThanOrEqual(0);
  });

  it('keeps a value whose block the meter lost', () =>
    withMeter(
      call =>
        call.route.endsWith('/end')
          ? [404, { error: { message: 'no block m-x' } }]
          : twoJoules(call),
      async () => {
        const { value, energy } = await measure('x', () => 1);
        expect([value, energy.kind]).toEqual([1, 'missing']);
        expect(energy.reason).toContain('no block m-x');
      }
    ));

  it('refuses a block without a name', async () => {
    await expect(measure('', () => 1)).rejects.toThrow(coded('input/value'));
  });
});
