import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';

// The small build of the validators brings no messages of its own.
z.config(en());

/** Gives a schema its name in the described schema: others refer to it by that name. */
export function named<T extends z.ZodMiniType>(id: string, schema: T, description?: string): T {
  return schema.check(z.meta({ id, ...(description === undefined ? {} : { description }) }));
}

/** Says what a value means, for people who read the described schema. */
export function described<T extends z.ZodMiniType>(description: string, schema: T): T {
  return schema.check(z.describe(description));
}
