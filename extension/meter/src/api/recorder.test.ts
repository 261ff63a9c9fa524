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

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'joulebook-recorder-'));
  const defaults = defaultSettings({});
  store = new Store({ path: join(folder, 'h.sqlite'), owner: 'lock', boot: 'boot', defaults });
  meter = new SmallMeter();
  recorder = new Recorder(meter, store, new EventHub(), new Metrics());
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
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

  it('keeps the cell that a label named, whatever the meter says later', () => {
    meter.emit('started', running(1));
    recorder.label([{ msg_id: 'message-1', notebook: '/b.ipynb', cell_id: 'b' }]);
    meter.emit('progress', running(1));
    meter.emit('finished', execution(1));
    expect(stored()).toMatchObject({ notebook: '/b.ipynb', cell_id: 'b' });
  });
});
