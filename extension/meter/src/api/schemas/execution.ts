import { z } from '@hono/zod-openapi';
import type { Execution, MeasureResult } from '../../execution.ts';
import { policies } from '../../store/settings.ts';
import { domainEnergySchema, domainSchema, energyFields, energySchema } from './energy.ts';

const nanoseconds = z.number().openapi({ description: 'CLOCK_MONOTONIC, ns' });

/** How energy is split. */
export const policySchema = z.enum(policies).openapi('Policy');

/** How an execution ended, or that it has not. */
export const executionStatusSchema = z
  .enum(['running', 'ok', 'error', 'aborted', 'interrupted', 'died', 'lost'])
  .openapi('ExecutionStatus');

/** One run of one cell. */
export const executionSchema = z
  .object({
    id: z.string(),
    kernel_id: z.string(),
    kernel_name: z.string(),
    msg_id: z.string(),
    execution_count: z.number().nullable(),
    source_sha256: z.string().nullable(),
    notebook: z.string().nullable().openapi({ description: 'Absolute path, when known' }),
    cell_id: z.string().nullable(),
    status: executionStatusSchema,
    started_at: z.string().openapi({ format: 'date-time' }),
    ended_at: z.string().nullable().openapi({ format: 'date-time' }),
    start_ns: nanoseconds,
    end_ns: nanoseconds.nullable(),
    policy: policySchema,
    total: energySchema,
    domains: z.array(domainEnergySchema),
    idle_joules: z.number().nullable(),
    cpu_seconds: z.number().nullable(),
    read_bytes: z.number().nullable(),
    written_bytes: z.number().nullable(),
    peak_memory_bytes: z.number().nullable(),
    gaps: z.array(
      z.object({
        domain: domainSchema,
        from_ns: nanoseconds,
        to_ns: nanoseconds,
        reason: z.string()
      })
    ),
    measures: z.array(
      z.object({
        id: z.string(),
        parent_id: z.string().nullable(),
        label: z.string(),
        start_ns: nanoseconds,
        end_ns: nanoseconds,
        total: energySchema
      })
    )
  })
  .openapi('Execution') satisfies z.ZodType<Execution>;

/** What a finished `measure()` block used. */
export const measureResultSchema = z
  .object({
    ...energyFields,
    id: z.string(),
    label: z.string(),
    start_ns: nanoseconds,
    end_ns: nanoseconds,
    seconds: z.number(),
    domains: z.array(domainEnergySchema)
  })
  .openapi('MeasureResult') satisfies z.ZodType<MeasureResult>;
