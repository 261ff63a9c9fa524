import { z } from '@hono/zod-openapi';
import { executionStatusSchema, policySchema } from './execution.ts';

/** Most labels in one request. */
export const maxLabels = 1000;
/** Most executions in one answer. */
export const maxExecutions = 10_000;

const text = z.string().min(1).max(4096);
const date = z.iso.datetime({ offset: true });

/** The query of `GET /v1/executions`. */
export const executionQuerySchema = z.object({
  notebook: text.optional().openapi({ description: 'Absolute path' }),
  kernel_id: text.optional(),
  status: executionStatusSchema.optional(),
  since: date.optional().openapi({ description: 'Started at or after' }),
  until: date.optional().openapi({ description: 'Started before' }),
  after_id: text.optional().openapi({ description: 'Continue after this execution' }),
  limit: z.coerce.number().int().min(1).max(maxExecutions).default(1000),
  order: z.enum(['asc', 'desc']).default('asc').openapi({ description: 'By start time' })
});

/** The body of `POST /v1/labels`. */
export const labelsSchema = z
  .object({
    labels: z
      .array(z.object({ msg_id: text, notebook: text, cell_id: text, kernel_id: text.optional() }))
      .max(maxLabels)
  })
  .openapi('Labels');

/** The body of `POST /v1/measures`. */
export const openMeasureSchema = z
  .object({
    pid: z.number().int().positive().openapi({ description: 'Of the process that asks' }),
    label: z.string().max(1000),
    parent_id: text.optional()
  })
  .openapi('OpenMeasure');

/** The settings, as `GET /v1/settings` answers. */
export const settingsSchema = z
  .object({
    policy: policySchema,
    retention_days: z
      .number()
      .int()
      .min(0)
      .max(36_500)
      .openapi({ description: 'Older executions are deleted; 0 keeps them for ever' })
  })
  .openapi('Settings');

/** Every answer that is not a success. */
export const errorSchema = z
  .object({ error: z.object({ code: z.string(), message: z.string() }) })
  .openapi('Error');
