import * as z from 'zod/mini';
import type { DomainEnergy, Energy, PowerNow } from '../../execution.ts';
import { described, named } from '../schema.ts';

const kind = named('Kind', z.enum(['measured', 'modelled', 'missing']));

/** The name of a domain. */
export const domainSchema = named(
  'Domain',
  z.enum(['package', 'dram', 'gpu', 'psys', 'battery', 'wall', 'core', 'uncore']),
  'What a reading covers'
);

/** The fields of an energy, to be extended by schemas of energies with a name. */
export const energyFields = {
  joules: described('Null when the kind is missing', z.nullable(z.number())),
  low: described('Lower end of the 95 % interval, J', z.nullable(z.number())),
  high: described('Upper end of the 95 % interval, J', z.nullable(z.number())),
  kind,
  reason: z.optional(described('Why the value is missing', z.string())),
  below: z.optional(described('Too short to resolve: below `high`', z.literal(true)))
};

/** An energy in joules with its 95 % interval. */
export const energySchema = named('Energy', z.object(energyFields)) satisfies z.ZodMiniType<Energy>;

/** The energy that one sensor saw. */
export const domainEnergySchema = named(
  'DomainEnergy',
  z.object({
    ...energyFields,
    domain: domainSchema,
    sensor: z.string(),
    contained: described('Inside another domain: shown, never added', z.boolean())
  })
) satisfies z.ZodMiniType<DomainEnergy>;

const wattsShape = {
  watts: z.nullable(z.number()),
  low: z.nullable(z.number()),
  high: z.nullable(z.number()),
  kind
};

/** The machine's power at one moment. */
export const powerSchema = named(
  'Power',
  z.object({
    at: z.iso.datetime(),
    domains: z.array(z.object({ ...wattsShape, domain: domainSchema })),
    total: z.object(wattsShape)
  })
) satisfies z.ZodMiniType<PowerNow>;
