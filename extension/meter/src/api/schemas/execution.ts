import * as z from 'zod/mini';
import type { Execution, MeasureResult } from '../../execution.ts';
import { policies } from '../../store/settings.ts';
import { described, named } from '../schema.ts';
import { basisSchema, coefficient, serviceSchema } from './impact.ts';
import { domainEnergySchema, domainSchema, energyFields, energySchema } from './energy.ts';

const nanoseconds = described('CLOCK_MONOTONIC, ns', z.number());
const date = z.iso.datetime();

/** How energy is split. */
export const policySchema = named('Policy', z.enum(policies));

/** How an execution ended, or that it has not. */
export const executionStatusSchema = named(
  'ExecutionStatus',
  z.enum(['running', 'ok', 'error', 'aborted', 'interrupted', 'died', 'lost'])
);

const carbonRecord = z.extend(coefficient('g/kWh'), {
  zone: z.string(),
  service: serviceSchema,
  basis: basisSchema,
  at: date
});

/** One run of one cell. */
export const executionSchema = named(
  'Execution',
  z.object({
    id: z.string(),
    kernel_id: z.string(),
    kernel_name: z.string(),
    msg_id: z.string(),
    execution_count: z.nullable(z.number()),
    source_sha256: z.nullable(z.string()),
    notebook: described('Absolute path, when known', z.nullable(z.string())),
    cell_id: z.nullable(z.string()),
    status: executionStatusSchema,
    started_at: date,
    ended_at: z.nullable(date),
    start_ns: nanoseconds,
    end_ns: z.nullable(nanoseconds),
    policy: policySchema,
    total: energySchema,
    domains: z.array(domainEnergySchema),
    idle_joules: z.nullable(z.number()),
    cpu_seconds: z.nullable(z.number()),
    read_bytes: z.nullable(z.number()),
    written_bytes: z.nullable(z.number()),
    peak_memory_bytes: z.nullable(z.number()),
    network: described(
      'Of everything that shares the network namespace of the kernel, other programs included',
      z.optional(
        z.nullable(
          z.object({
            sent_bytes: z.number(),
            received_bytes: z.number(),
            scope: z.literal('namespace')
          })
        )
      )
    ),
    carbon: described('What a live service told of the grid meanwhile', z.optional(carbonRecord)),
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
        parent_id: z.nullable(z.string()),
        label: z.string(),
        start_ns: nanoseconds,
        end_ns: nanoseconds,
        total: energySchema
      })
    )
  })
) satisfies z.ZodMiniType<Execution>;

/** What a finished `measure()` block used. */
export const measureResultSchema = named(
  'MeasureResult',
  z.object({
    ...energyFields,
    id: z.string(),
    label: z.string(),
    start_ns: nanoseconds,
    end_ns: nanoseconds,
    seconds: z.number(),
    domains: z.array(domainEnergySchema)
  })
) satisfies z.ZodMiniType<MeasureResult>;
