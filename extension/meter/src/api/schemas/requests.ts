import * as z from 'zod/mini';
import { described, named } from '../schema.ts';
import { executionStatusSchema, policySchema } from './execution.ts';
import { impactChangesSchema, impactSettingsSchema } from './impact.ts';

/** Most labels in one request. */
export const maxLabels = 1000;
/** Most executions in one answer. */
export const maxExecutions = 10_000;

const text = z.string().check(z.minLength(1), z.maxLength(4096));
const date = z.iso.datetime({ offset: true });

/** The query of `GET /v1/executions`. */
export const executionQuerySchema = z.object({
  notebook: z.optional(described('Absolute path', text)),
  kernel_id: z.optional(text),
  status: z.optional(executionStatusSchema),
  since: z.optional(described('Started at or after', date)),
  until: z.optional(described('Started before', date)),
  after_id: z.optional(described('Continue after this execution', text)),
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(maxExecutions)), 1000),
  order: described('By start time', z._default(z.enum(['asc', 'desc']), 'asc'))
});

/** The body of `POST /v1/labels`. */
export const labelsSchema = named(
  'Labels',
  z.object({
    labels: z
      .array(z.object({ msg_id: text, notebook: text, cell_id: text, kernel_id: z.optional(text) }))
      .check(z.maxLength(maxLabels))
  })
);

/** The body of `POST /v1/measures`. */
export const openMeasureSchema = named(
  'OpenMeasure',
  z.object({
    pid: described('Of the process that asks', z.int().check(z.positive())),
    label: z.string().check(z.maxLength(1000)),
    parent_id: z.optional(text)
  })
);

const plainSettings = {
  policy: policySchema,
  retention_days: described(
    'Older executions are deleted; 0 keeps them for ever',
    z.int().check(z.gte(0), z.lte(36_500))
  )
};

/** The settings, as `GET /v1/settings` answers. */
export const settingsSchema = named(
  'Settings',
  z.object({ ...plainSettings, impact: impactSettingsSchema })
);

/** The body of `PUT /v1/settings`. */
export const settingsChangesSchema = named(
  'SettingsChanges',
  z.extend(z.partial(z.object(plainSettings)), { impact: z.optional(impactChangesSchema) })
);

/** The body of `PUT /v1/kernels/{kernel_id}/policy`. */
export const kernelPolicySchema = named('KernelPolicy', z.object({ policy: policySchema }));

/** Every answer that is not a success. */
export const errorSchema = named(
  'Error',
  z.object({ error: z.object({ code: z.string(), message: z.string() }) })
);
