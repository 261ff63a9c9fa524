// Runs all tutorials in full, with the energy of each cell, into .cache/notebooks: `npm run notebooks -- --repeat 3`.
// Options go to `joulebook run`; with paths among them only those notebooks run.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { cacheFolder, root, venvBin } from './steps/places.mjs';
import { prepare } from './steps/prepare.mjs';
import { main } from './steps/progress.mjs';

await main(async options => {
  await prepare({ everything: true });
  const named = options.some(option => option.endsWith('.ipynb'));
  const notebooks = named ? [] : [join(root, 'notebooks')];
  const output = join(cacheFolder, 'notebooks');
  const args = ['run', ...notebooks, ...options, '--output', `${output}/`, '--metadata'];
  const run = spawn(venvBin('joulebook'), args, {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${venvBin('')}:${process.env.PATH}` }
  });
  const code = await new Promise(resolve => run.on('close', resolve));
  if (code === 0)
    console.log('\nExecuted notebooks are in .cache/notebooks; npm run docs makes the site.');
  return code ?? 1;
});
