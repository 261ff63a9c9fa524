import * as z from 'zod/mini';
import type { Kernel, SensorStatus } from '../../execution.ts';
import type { HistoryState } from '../../store/fallback.ts';
import { described, named } from '../schema.ts';
import { domainSchema } from './energy.ts';
import { policySchema } from './execution.ts';

/** A source of readings, with what became of it. */
export const sensorSchema = named(
  'Sensor',
  z.object({
    id: z.string(),
    domain: domainSchema,
    device: z.string(),
    kind: z.enum(['measured', 'modelled']),
    state: z.enum(['active', 'denied', 'absent', 'failing', 'duplicate', 'contained']),
    detail: z.string(),
    remedy: z.optional(described('The command that would make it work', z.string()))
  })
) satisfies z.ZodMiniType<SensorStatus>;

/** A kernel the meter listens to. */
export const kernelSchema = named(
  'Kernel',
  z.object({
    kernel_id: z.string(),
    kernel_name: z.string(),
    connection_file: z.string(),
    pid: z.nullable(z.number()),
    notebook: z.nullable(z.string()),
    state: z.enum(['busy', 'idle', 'unknown']),
    watts: z.nullable(z.number()),
    remote: described('Not on this host: nothing here can measure it', z.boolean())
  })
) satisfies z.ZodMiniType<Kernel>;

const historySchema = named(
  'History',
  z.object({
    path: z.string(),
    state: z.enum(['file', 'memory']),
    detail: z.nullable(z.string()),
    set_aside: z.nullable(z.string()),
    waiting: z.number()
  })
) satisfies z.ZodMiniType<HistoryState>;

/** The answer of `GET /v1/status`. */
export const statusSchema = named(
  'Status',
  z.object({
    version: z.string(),
    serves: described('One user, or all users of this machine', z.enum(['user', 'system'])),
    pid: z.number(),
    started_at: z.iso.datetime(),
    node: z.string(),
    policy: policySchema,
    sensors: z.array(sensorSchema),
    kernels: z.array(kernelSchema),
    meter: z.object({
      cpu_seconds: z.number(),
      rss_bytes: z.number(),
      joules: z.nullable(z.number())
    }),
    counts: z.object({
      bad_signatures: z.number(),
      malformed_messages: z.number(),
      unknown_messages: z.number()
    }),
    history: historySchema,
    leases: described('Servers and commands that need the daemon', z.number())
  })
);

/** What `GET /v1/status` tells. */
export type Status = z.infer<typeof statusSchema>;
