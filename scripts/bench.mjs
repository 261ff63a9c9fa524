// Runs one benchmark on the environment's Node: `npm run bench -- NAME [--json FILE] [--docs]`.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, venvNode } from './steps/places.mjs';
import { prepare } from './steps/prepare.mjs';
import { main } from './steps/progress.mjs';

await main(async options => {
  await prepare({ everything: true });
  const { status } = spawnSync(
    venvNode(),
    ['--disable-warning=ExperimentalWarning', join(root, 'test/bench/main.ts'), ...options],
    { stdio: 'inherit', cwd: root }
  );
  return status ?? 1;
});
