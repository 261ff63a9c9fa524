import type { HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
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
  /** Of joulebook. */
  version: string;
  /** ISO 8601. */
  startedAt: string;
}

/** Hono's environment: the routes of streams write to Node's own response. */
export interface ApiEnvironment {
  Bindings: HttpBindings;
}

/** The application that routes add themselves to. */
export type ApiApp = OpenAPIHono<ApiEnvironment>;
