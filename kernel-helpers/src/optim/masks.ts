import type { Tensor } from '@tensorflow/tfjs';
import { checkFunction, HelperError } from '../errors.ts';
import { leaves, mapTree, type State, type Tree } from '../tree.ts';
import { checkTransform, defineTransform, type Transform } from './transform.ts';

/** Chooses leaves by their path, such as `layers.0.bias`, and their tensor. */
export type Mask = (path: string, leaf: Tensor) => boolean;

/**
 * Applies a transform to some parameters only; the gradients of the others pass unchanged.
 * @param inner What to apply.
 * @param mask Chooses the parameters it sees.
 * @returns A transform; the state is the inner one's, for the chosen parameters alone.
 * @example masked(clipByGlobalNorm(1), path => path.endsWith('weight'))
 */
export function masked(inner: Transform, mask: Mask): Transform {
  checkFunction('the mask', mask, "pass path => path.endsWith('weight')");
  return partition({ chosen: inner }, (path, leaf) => (mask(path, leaf) ? 'chosen' : undefined));
}

/**
 * Gives each group of parameters a transform of its own.
 * @param transforms The transforms by their group's name.
 * @param groupOf Names a parameter's group by its path and tensor; undefined leaves its gradient unchanged.
 * @returns A transform whose state holds one state per group.
 * @throws HelperError `input/value` from `init` and `update` for a group without a transform.
 * @example partition({ fast: sgd(0.1), slow: sgd(0.01) }, path => (path.startsWith('head') ? 'fast' : 'slow'))
 */
export function partition(
  transforms: Readonly<Record<string, Transform>>,
  groupOf: (path: string, leaf: Tensor) => string | undefined
): Transform {
  const groups = Object.keys(transforms);
  for (const group of groups) checkTransform(`the transform of ${group}`, transforms[group]!);
  checkFunction('groupOf', groupOf, "pass path => 'group'");
  const name = `partition(${groups.map(group => `${group}: ${transforms[group]!.name}`).join(', ')})`;
  return defineTransform<{ groups: Readonly<Record<string, State>> }>(name, {
    init(params) {
      const members = membersOf(params, groupOf, groups);
      const states = groups.map(group => [
        group,
        transforms[group]!.init(pick(params, members, group))
      ]);
      return { groups: Object.fromEntries(states) as Record<string, State> };
    },
    update(gradients, state, params, context) {
      const members = membersOf(params, groupOf, groups);
      const updates = [...leaves(gradients)];
      const next: Record<string, State> = {};
      for (const group of groups) {
        const part = pick(gradients, members, group);
        const own = transforms[group]!.update(
          part,
          state.groups[group] ?? null,
          pick(params, members, group),
          context
        );
        next[group] = own.state;
        const changed = leaves(own.updates);
        members.forEach((member, index) => {
          if (member === group) updates[index] = changed.shift() as Tensor;
        });
      }
      return {
        updates: mapTree(gradients, (_, __, index) => updates[index] as Tensor),
        state: { groups: next }
      };
    }
  });
}

function membersOf(
  params: Tree,
  groupOf: (path: string, leaf: Tensor) => string | undefined,
  groups: readonly string[]
): (string | undefined)[] {
  const members: (string | undefined)[] = [];
  mapTree(params, (leaf, path) => {
    const group = groupOf(path, leaf);
    if (group !== undefined && !groups.includes(group)) {
      throw new HelperError(
        'input/value',
        `expected the group of ${path} to be one of ${groups.join(', ')}, got ${group}`
      );
    }
    members.push(group);
    return leaf;
  });
  return members;
}

/** The leaves of a group, as a flat tree. */
function pick(
  tree: Tree,
  members: readonly (string | undefined)[],
  group: string
): readonly Tree[] {
  return leaves(tree).filter((_, index) => members[index] === group);
}
