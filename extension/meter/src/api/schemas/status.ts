import { z } from '@hono/zod-openapi';
import type { Kernel, SensorStatus } from '../../execution.ts';
import type { HistoryState } from '../../store/fallback.ts';
import { domainSchema } from './energy.ts';
import { policySchema } from './execution.ts';

/** A source of readings, with what became of it. */
export const sensorSchema = z
  .object({
    id: z.string(),
    domain: domainSchema,
    device: z.string(),
    kind: z.enum(['measured', 'modelled']),
    state: z.enum(['active', 'denied', 'absent', 'failing', 'duplicate', 'contained']),
    detail: z.string(),
    remedy: z.string().optional().openapi({ description: 'The command that would make it work' })
  })
  .openapi('Sensor') satisfies z.ZodType<SensorStatus>;

/** A kernel the meter listens to. */
export const kernelSchema = z
  .object({
    kernel_id: z.string(),
    kernel_name: z.string(),
    connection_file: z.string(),
    pid: z.number().nullable(),
    notebook: z.string().nullable(),
    state: z.enum(['busy', 'idle', 'unknown']),
    watts: z.number().nullable(),
    remote: z.boolean().openapi({ description: 'Not on this host: nothing here can measure it' })
  })
  .openapi('Kernel') satisfies z.ZodType<Kernel>;

const historySchema = z
  .object({
    path: z.string(),
    state: z.enum(['file', 'memory']),
    detail: z.string().nullable(),
    set_aside: z.string().nullable(),
    waiting: z.number()
  })
  .openapi('History') satisfies z.ZodType<HistoryState>;

/** The answer of `GET /v1/status`. */
export const statusSchema = z
  .object({
    version: z.string(),
    pid: z.number(),
    started_at: z.string().openapi({ format: 'date-time' }),
    node: z.string(),
    policy: policySchema,
    sensors: z.array(sensorSchema),
    kernels: z.array(kernelSchema),
    meter: z.object({
      cpu_seconds: z.number(),
      rss_bytes: z.number(),
      joules: z.number().nullable()
    }),
    counts: z.object({
      bad_signatures: z.number(),
      malformed_messages: z.number(),
      unknown_messages: z.number()
    }),
    history: historySchema,
    leases: z.number().openapi({ description: 'Servers and commands that need the daemon' })
  })
  .openapi('Status');

/** What `GET /v1/status` tells. */
export type Status = z.infer<typeof statusSchema>;
