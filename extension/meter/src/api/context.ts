import type { Impact } from '../impact/impact.ts';
import type { Store } from '../store/store.ts';
import type { EventHub } from './event-hub.ts';
import type { Leases } from './leases.ts';
import type { MeterSource } from './meter-source.ts';
import type { Metrics } from './metrics.ts';
import type { Recorder } from './recorder.ts';

/** What the routes work with. */
export interface ApiContext {
  meter: MeterSource;
  store: Store;
  recorder: Recorder;
  events: EventHub;
  leases: Leases;
  metrics: Metrics;
  impact: Impact;
  /** Of joulebook. */
  version: string;
  /** One user, or every user of the node by a daemon each of them only asks. */
  serves: 'user' | 'system';
  /** ISO 8601. */
  startedAt: string;
}
