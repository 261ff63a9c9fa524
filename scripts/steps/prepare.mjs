import { build } from './build.mjs';
import { installPackages, installPython } from './install.mjs';
import { link } from './link.mjs';
import { alone } from './lock.mjs';
import { beginTensorFlow } from './tensorflow.mjs';
import { checkNode } from './tools.mjs';

/**
 * From whatever state the clone is in to one that runs: installs, builds and registers what has changed.
 * @param everything also what only the tests need
 */
export async function prepare({ everything }) {
  checkNode();
  await alone(async () => {
    await installPython({ everything });
    const tensorFlow = beginTensorFlow();
    await installPackages({ everything });
    await build();
    await link();
    await tensorFlow();
  });
}
