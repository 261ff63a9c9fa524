import { z } from '@hono/zod-openapi';
import type { DomainEnergy, Energy, PowerNow } from '../../execution.ts';

const kind = z.enum(['measured', 'modelled', 'missing']).openapi('Kind');

const domain = z
  .enum(['package', 'dram', 'gpu', 'psys', 'battery', 'wall', 'core', 'uncore'])
  .openapi('Domain', { description: 'What a reading covers' });

const energyShape = {
  joules: z.number().nullable().openapi({ description: 'Null when the kind is missing' }),
  low: z.number().nullable().openapi({ description: 'Lower end of the 95 % interval, J' }),
  high: z.number().nullable().openapi({ description: 'Upper end of the 95 % interval, J' }),
  kind,
  reason: z.string().optional().openapi({ description: 'Why the value is missing' }),
  below: z.literal(true).optional().openapi({ description: 'Too short to resolve: below `high`' })
};

/** An energy in joules with its 95 % interval. */
export const energySchema = z.object(energyShape).openapi('Energy') satisfies z.ZodType<Energy>;

/** The energy that one sensor saw. */
export const domainEnergySchema = z
  .object({
    ...energyShape,
    domain,
    sensor: z.string(),
    contained: z.boolean().openapi({ description: 'Inside another domain: shown, never added' })
  })
  .openapi('DomainEnergy') satisfies z.ZodType<DomainEnergy>;

const wattsShape = {
  watts: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  kind
};

/** The machine's power at one moment. */
export const powerSchema = z
  .object({
    at: z.string().openapi({ format: 'date-time' }),
    domains: z.array(z.object({ ...wattsShape, domain })),
    total: z.object(wattsShape)
  })
  .openapi('Power') satisfies z.ZodType<PowerNow>;

/** The fields of an energy, to be extended by schemas of energies with a name. */
export const energyFields = energyShape;

/** The name of a domain. */
export const domainSchema = domain;
