import { Signal } from '@lumino/signaling';
import { LabError } from '../errors';
import { impact } from '../fixtures';
import { ImpactModel } from './impact';

function setUp(answers: (() => ReturnType<typeof impact>)[]) {
  const meter = {
    synchronise: new Signal<never, void>({} as never),
    settingsChanged: new Signal<never, void>({} as never)
  };
  let asked = 0;
  const api = {
    impact: () => new Promise<ReturnType<typeof impact>>(r => r(answers[asked++]!()))
  };
  const model = new ImpactModel(api, meter);
  const changed = (): Promise<void> =>
    new Promise(resolve => model.changed.connect(() => resolve()));
  return { meter, model, changed };
}

describe('ImpactModel', () => {
  it('asks when the daemon is found and when its settings change', async () => {
    const { meter, model, changed } = setUp([() => impact({ zone: 'FR' }), () => impact()]);
    const first = changed();
    meter.synchronise.emit();
    await first;
    expect(model.value?.zone).toBe('FR');
    const second = changed();
    meter.settingsChanged.emit();
    await second;
    expect(model.value?.zone).toBe('GB');
    model.dispose();
  });
  it('has nothing to show with a daemon that knows no impacts', async () => {
    const { model } = setUp([
      () => {
        throw new LabError('api/absent', 'impact answered 404');
      }
    ]);
    await model.refresh();
    expect(model.value).toBeNull();
    model.dispose();
  });
  it('keeps what it knows when the daemon is away', async () => {
    const { model } = setUp([
      () => impact(),
      () => {
        throw new LabError('api/daemon-down', 'impact answered 503');
      }
    ]);
    await model.refresh();
    await expect(model.refresh()).rejects.toThrow('503');
    expect(model.value?.zone).toBe('GB');
    model.dispose();
  });
});
