import { findZone, type CarbonRecord } from 'kernel-helpers/impact';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execution, measured, running } from '../store/fixtures/executions.ts';
import { Store } from '../store/store.ts';
import { EventHub } from './event-hub.ts';
import { SmallMeter } from './fixtures/small-meter.ts';
import { Metrics } from './metrics.ts';
import { Recorder } from './recorder.ts';
import { defaultSettings } from '../store/settings.ts';

let folder: string;
let store: Store;
let meter: SmallMeter;
let recorder: Recorder;
/** What the grid's service tells next; it tells nothing until a test gives it a tongue. */
let carbon: Promise<CarbonRecord | null>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'joulebook-recorder-'));
  const defaults = defaultSettings({});
  store = new Store({ path: join(folder, 'h.sqlite'), owner: 'lock', boot: 'boot', defaults });
  meter = new SmallMeter();
  carbon = Promise.resolve(null);
  recorder = new Recorder(meter, store, new EventHub(), new Metrics(), () => carbon);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const told = (value: number, at: string): CarbonRecord => ({
  ...{ ...findZone('GB').carbon, value, low: value - 10, high: value + 10 },
  ...{ zone: 'GB', service: 'neso', basis: 'average', at }
});
const stored = () => store.get(execution(1).id);

describe('Recorder', () => {
  it('stores the first energy of a running execution at once', () => {
    meter.emit('started', running(1));
    meter.emit('progress', running(1, { total: measured(5) }));
    expect(stored()).toMatchObject({ status: 'running', total: { joules: 5 } });
  });

  it('stores the last progress when the daemon stops', () => {
    meter.emit('started', running(1));
    for (const joules of [5, 6, 7]) meter.emit('progress', running(1, { total: measured(joules) }));
    expect(stored()?.total.joules).toBe(5);
    recorder.stop();
    expect(stored()).toMatchObject({ status: 'running', total: { joules: 7 } });
  });

  it('does not bring an ended execution back by progress that comes late', () => {
    meter.emit('started', running(1));
    meter.emit('finished', execution(1));
    meter.emit('progress', running(1));
    recorder.stop();
    expect(stored()?.status).toBe('ok');
  });

  it('keeps what the grid emitted while the execution ran', async () => {
    carbon = Promise.resolve(told(100, '2026-11-24T12:00:00Z'));
    meter.emit('started', running(1));
    await carbon;
    carbon = Promise.resolve(told(900, '2026-11-24T15:00:00Z'));
    meter.emit('finished', execution(1));
    expect(stored()?.carbon).toMatchObject({ value: 100, low: 90, high: 110, zone: 'GB' });
  });

  it('adds what the service tells after the end of a short one', async () => {
    let answer: (record: CarbonRecord) => void = () => {};
    carbon = new Promise(resolve => (answer = resolve));
    meter.emit('started', running(1));
    meter.emit('finished', execution(1));
    expect(stored()).toMatchObject({ status: 'ok' });
    expect(stored()?.carbon).toBeUndefined();
    answer(told(100, '2026-11-24T12:00:00Z'));
    await new Promise(setImmediate);
    expect(stored()).toMatchObject({ status: 'ok', carbon: { value: 100 } });
  });

  it('keeps the cell that a label named, whatever the meter says later', () => {
    meter.emit('started', running(1));
    recorder.label([{ msg_id: 'message-1', notebook: '/b.ipynb', cell_id: 'b' }]);
    meter.emit('progress', running(1));
    meter.emit('finished', execution(1));
    expect(stored()).toMatchObject({ notebook: '/b.ipynb', cell_id: 'b' });
  });
});
