import { MeterError } from '../../errors.ts';
import { checkedChanges } from '../../impact/settings.ts';
import type { ApiContext } from '../context.ts';
import { ok, route, type Route } from '../route.ts';
import { kernelPolicySchema, settingsChangesSchema, settingsSchema } from '../schemas/requests.ts';
import { badRequest, json } from './answers.ts';

/** The routes of settings. */
export function settingsRoutes({ meter, store, recorder, impact }: ApiContext): Route[] {
  return [
    route(
      {
        method: 'put',
        path: '/v1/kernels/{kernel_id}/policy',
        summary: 'The policy of one kernel: of its executions from now on, for as long as it lives',
        body: kernelPolicySchema,
        answers: { 204: { description: 'In force' }, 400: badRequest, 404: badRequest }
      },
      ({ params: { kernel_id = '' }, body: { policy } }) => {
        if (!meter.status().kernels.some(kernel => kernel.kernel_id === kernel_id)) {
          const message = `expected the id of a kernel in /v1/status, got ${kernel_id}`;
          throw new MeterError('api/not-found', message);
        }
        meter.setPolicy(policy, kernel_id);
        return { status: 204 };
      }
    ),
    route(
      {
        method: 'get',
        path: '/v1/settings',
        summary: 'The settings in force',
        answers: { 200: json('All settings', settingsSchema) }
      },
      () => ok(store.settings())
    ),
    route(
      {
        method: 'put',
        path: '/v1/settings',
        summary: 'Changes settings; one left out stays as it is',
        body: settingsChangesSchema,
        answers: { 200: json('All settings', settingsSchema), 400: badRequest }
      },
      async ({ body }) => {
        const checked = body.impact && { impact: await checkedChanges(body.impact) };
        const settings = recorder.changeSettings({ ...body, ...checked });
        impact.settingsChanged();
        return ok(settings);
      }
    )
  ];
}
