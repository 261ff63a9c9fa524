import { carbonServices, devices, type DeviceName, type ImpactNow } from 'kernel-helpers/impact';
import * as z from 'zod/mini';
import { described, named } from '../schema.ts';

const coefficientShape = {
  id: z.string(),
  title: z.string(),
  value: z.number(),
  low: z.number(),
  high: z.number(),
  year: described('The year that it describes', z.number()),
  source: z.string(),
  licence: z.string(),
  kind: z.enum(['measured', 'modelled', 'attributed'])
};

/** A sourced number with its range, in a unit. */
export const coefficient = <U extends string>(unit: U) =>
  z.object({ ...coefficientShape, unit: z.literal(unit) });

/** Mean of all electricity, or what one more kWh causes. */
export const basisSchema = z.enum(['average', 'marginal']);

/** Who tells carbon intensities. */
export const serviceSchema = z.enum(carbonServices);
const deviceNames = Object.keys(devices) as [DeviceName, ...DeviceName[]];

const settings = z.object({
  zone: described('Grid zone; null: none chosen', z.nullable(z.string().check(z.maxLength(64)))),
  service: serviceSchema,
  pue: z.number(),
  wue: described('Litres per kWh; null: by the PUE', z.nullable(z.number())),
  own_solar_share: described('0 to 1', z.number()),
  supplier_grams_per_kwh: z.nullable(z.number()),
  tariff: described('Price per kWh', z.nullable(z.number())),
  currency: described('ISO 4217', z.nullable(z.string().check(z.regex(/^[A-Z]{3}$/)))),
  device: z.nullable(
    z.object({
      name: z.optional(described('Its figure is that of the table', z.enum(deviceNames))),
      embodied_kg: z.optional(described('Needed without a name, and outranks it', z.number())),
      lifetime_years: z.number()
    })
  )
});

/** Where and how the machine gets its electricity. */
export const impactSettingsSchema = named('ImpactSettings', settings);

/** Those of the settings that are to change. */
export const impactChangesSchema = named('ImpactChanges', z.partial(settings));

const carbon = z.extend(coefficient('g/kWh'), {
  basis: basisSchema,
  service: serviceSchema,
  at: described('The time it describes; null: a year', z.nullable(z.string())),
  age_seconds: z.nullable(z.number()),
  note: described('To be shown with the number', z.nullable(z.string()))
});

/** What turns joules into impact. */
export const impactSchema = named(
  'Impact',
  z.object({
    zone: z.nullable(z.string()),
    zone_name: z.nullable(z.string()),
    carbon: described('By location, own solar power taken off', z.nullable(carbon)),
    carbon_year: described('By location over a year', z.nullable(carbon)),
    market: described('By contract', z.nullable(coefficient('g/kWh'))),
    carbon_free: z.nullable(coefficient('1')),
    pue: z.extend(coefficient('1'), { kind: z.literal('modelled') }),
    wue: z.extend(coefficient('L/kWh'), { kind: z.literal('modelled') }),
    tariff: z.nullable(z.object({ value: z.number(), currency: z.string() })),
    device: z.nullable(z.extend(coefficient('kg'), { lifetime_years: z.number() })),
    forecast: z.array(
      z.readonly(z.object({ from: z.string(), to: z.string(), grams_per_kwh: z.number() }))
    ),
    settings: impactSettingsSchema
  })
) satisfies z.ZodMiniType<ImpactNow>;

/** The zones that can be chosen. */
export const zonesSchema = named(
  'Zones',
  z.object({ zones: z.array(z.object({ id: z.string(), name: z.string() })) })
);
