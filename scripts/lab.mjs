// From a fresh clone to JupyterLab with the energy of every cell: checks the tools, installs, builds, registers, starts.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root, venvBin } from './steps/places.mjs';
import { prepare } from './steps/prepare.mjs';
import { main } from './steps/progress.mjs';

await main(async options => {
  await prepare({ everything: false });
  return start(options);
});

/** Options are passed on to JupyterLab; without a notebook among them the first tutorial opens. */
function start(options) {
  const named = options.some(option => option.endsWith('.ipynb'));
  const notebook = named ? [] : [join(root, 'notebooks/01-gradient-descent.ipynb')];
  const args = [...notebook, ...options];
  if (process.getuid?.() === 0 && !options.includes('--allow-root')) {
    console.log('Running as root: JupyterLab is started with --allow-root.');
    args.push('--allow-root');
  }
  const lab = spawn(venvBin('jupyter-lab'), args, {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${venvBin('')}:${process.env.PATH}` }
  });
  // Ctrl-C reaches JupyterLab too, which asks before it stops: wait for it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => lab.kill('SIGTERM'));
  return new Promise(resolve => lab.on('close', code => resolve(code ?? 1)));
}
