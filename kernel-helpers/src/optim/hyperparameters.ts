import { checkFunction, HelperError } from '../errors.ts';
import type { Schedule } from '../schedules/schedule.ts';
import type { State } from '../tree.ts';
import { checkTransform, defineTransform, type Transform } from './transform.ts';

type Injected = { count: number; values: Readonly<Record<string, number>>; inner: State };

/**
 * Makes any number of an optimiser a schedule, or one that can be changed while it runs; the values stand in the state.
 * @param make Makes the optimiser from the values of one step.
 * @param hyperparameters A number, or a schedule of the step from 0, by name.
 * @returns A transform; `values` in its state holds the numbers of the latest step.
 * @example injectHyperparameters(({ rate, beta }) => sgd(rate, { decay: beta }), { rate: cosine(0.1, 100), beta: 0.9 })
 */
export function injectHyperparameters<K extends string>(
  make: (values: Record<K, number>) => Transform,
  hyperparameters: Readonly<Record<K, number | Schedule>>
): Transform {
  checkFunction('make', make, 'pass ({ rate }) => sgd(rate)');
  const names = Object.keys(hyperparameters) as K[];
  const valuesAt = (step: number, kept?: Readonly<Record<string, number>>): Record<K, number> => {
    const entries = names.map(name => {
      const given: number | Schedule = hyperparameters[name];
      return [name, typeof given === 'function' ? given(step) : (kept?.[name] ?? given)];
    });
    return Object.fromEntries(entries) as Record<K, number>;
  };
  const first = checkTransform('what make returns', make(valuesAt(0)));
  return defineTransform<Injected>(`injectHyperparameters(${first.name})`, {
    init: params => ({ count: 0, values: valuesAt(0), inner: first.init(params) }),
    update(gradients, { count, values: kept, inner }, params, context) {
      const values = valuesAt(count, kept);
      const { updates, state } = make(values).update(gradients, inner, params, context);
      return { updates, state: { count: count + 1, values, inner: state } };
    }
  });
}

/**
 * Changes hyperparameters of a running optimiser.
 * @param state State of an `injectHyperparameters` transform.
 * @param values The new numbers by name; a hyperparameter with a schedule keeps following it.
 * @returns A state with these values, which shares its tensors with the old one.
 * @throws HelperError `optim/foreign-state` for another state, `input/value` for a name that it has not.
 */
export function setHyperparameters(state: State, values: Readonly<Record<string, number>>): State {
  const own = state as (Partial<Injected> & Record<string, State>) | null;
  if (typeof own?.values !== 'object' || own.inner === undefined) {
    throw new HelperError('optim/foreign-state', 'expected the state of injectHyperparameters');
  }
  const unknown = Object.keys(values).find(name => !(name in own.values!));
  if (unknown !== undefined) {
    const known = Object.keys(own.values).join(', ');
    throw new HelperError('input/value', `expected one of ${known}, got ${unknown}`);
  }
  return { ...own, values: { ...own.values, ...values } };
}
