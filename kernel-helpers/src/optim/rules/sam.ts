import * as tf from '@tensorflow/tfjs';
import { checkNumber, HelperError } from '../../errors.ts';
import { type State } from '../../tree.ts';
import { globalNorm } from '../arithmetic.ts';
import { checkTransform, defineTransform, leafwise, type Transform } from '../transform.ts';

/**
 * Sharpness-aware minimisation: takes the gradient where the loss is highest within `rho`, `θ + rho·g/‖g‖`, and descends along
 * that. Costs two gradients a step.
 * @param inner The optimiser that descends.
 * @param rho Radius in units of the parameters, above 0. @default 0.05
 * @returns A transform. Its update throws HelperError `optim/no-objective` where only gradients are passed.
 * @see Foret et al. 2021, arXiv:2010.01412, algorithm 1
 */
export function sam(inner: Transform, rho = 0.05): Transform {
  checkTransform('the inner optimiser', inner);
  checkNumber('rho', rho, { above: 0 });
  return defineTransform<{ inner: State }>(`sam(${inner.name})`, {
    init: params => ({ inner: inner.init(params) }),
    update(gradients, state, params, context) {
      if (!context.evaluateAt) {
        throw new HelperError(
          'optim/no-objective',
          'expected a context with evaluateAt, got gradients alone; sam needs gradientDescent, fit or takeStep'
        );
      }
      const norm = tf.maximum(globalNorm(gradients), 1e-12);
      const top = leafwise((p, g) => tf.add(p, tf.mul(tf.div(g, norm), rho)), params, gradients);
      const { gradient, loss } = context.evaluateAt(top);
      const at = { ...context, gradient, loss };
      const { updates, state: next } = inner.update(gradient, state.inner, params, at);
      return { updates, state: { inner: next } };
    }
  });
}
