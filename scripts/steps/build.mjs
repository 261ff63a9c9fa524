import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { labextension, root, runtime, venvBin, venvNode } from './places.mjs';
import { run } from './run.mjs';
import { whenChanged } from './stamps.mjs';

const settings = ['package-lock.json', 'tsconfig.base.json', 'tsconfig.node.json'];
/** TypeScript's compiler. */
export const tsc = join(root, 'node_modules/typescript/bin/tsc');

/** Builds all that JupyterLab needs, each part only when its sources changed. */
export async function build() {
  await helpers();
  await meter();
  await kernel();
  await front();
  await published();
}

function helpers() {
  return whenChanged(
    'build kernel-helpers',
    {
      inputs: ['kernel-helpers', ...settings],
      outputs: [join(root, 'kernel-helpers/lib/index.js')]
    },
    () => run('helpers', process.execPath, [tsc, '-b', 'kernel-helpers'])
  );
}

function meter() {
  return whenChanged(
    'build the meter',
    {
      inputs: [
        'extension/meter',
        'kernel-helpers/src/impact',
        'kernel-helpers/src/distributed',
        'scripts/steps/build.mjs',
        ...settings
      ],
      outputs: [join(runtime, 'meter.mjs'), join(runtime, 'meter-reader.mjs')]
    },
    () =>
      bundle({
        entryPoints: {
          meter: 'extension/meter/src/main.ts',
          'meter-reader': 'extension/meter/src/sensors/reader-thread.ts'
        },
        format: 'esm'
      })
  );
}

function kernel() {
  return whenChanged(
    'build the TypeScript kernel',
    {
      // Its snapshot holds the helpers' types.
      inputs: ['extension/kernel', 'kernel-helpers/src', 'scripts/steps/build.mjs', ...settings],
      outputs: [join(runtime, 'kernel.mjs'), join(runtime, 'kernel-checker.cjs')]
    },
    async () => {
      await bundle({ entryPoints: { kernel: 'extension/kernel/src/main.ts' }, format: 'esm' });
      // TypeScript goes into this one: it becomes a snapshot, from which the checker starts quickly.
      await bundle({
        entryPoints: { 'kernel-checker': 'extension/kernel/src/checker/main.ts' },
        format: 'cjs',
        external: [],
        minify: true // the text of a script stays in memory, here TypeScript's 10 MB, and in the snapshot again
      });
      // One of the same name may hold older types.
      for (const name of readdirSync(runtime)) {
        if (name.endsWith('.blob')) rmSync(join(runtime, name));
      }
      await run('kernel-snapshot', venvNode(), [join(runtime, 'kernel.mjs'), '--build-snapshot']);
    }
  );
}

function front() {
  return whenChanged(
    'build the JupyterLab extension',
    {
      inputs: ['extension/lab', 'kernel-helpers/src/impact', ...settings],
      outputs: [join(labextension, 'package.json')]
    },
    async () => {
      await run('lab-tsc', process.execPath, [tsc, '-b', 'extension/lab']);
      await run('lab-bundle', venvBin('jupyter-builder'), ['build', 'extension/lab'], {
        env: { PATH: `${venvBin('')}:${process.env.PATH}` }
      });
    }
  );
}

/** The scripts that published pages carry with them, each with its licence. */
function published() {
  const folder = join(runtime, 'publish');
  const files = {
    'plotly.js-dist-min/plotly.min.js': 'plotly.min.js',
    'plotly.js-basic-dist-min/plotly-basic.min.js': 'plotly-basic.min.js',
    'plotly.js-dist-min/LICENSE': 'plotly.LICENSE.txt',
    'mathjax/es5/tex-svg-full.js': 'mathjax.js',
    'mathjax/LICENSE': 'mathjax.LICENSE.txt'
  };
  return whenChanged(
    'copy the scripts of published pages',
    {
      inputs: ['package-lock.json', 'scripts/steps/build.mjs'],
      outputs: Object.values(files).map(name => join(folder, name))
    },
    () => {
      mkdirSync(folder, { recursive: true });
      for (const [from, to] of Object.entries(files)) {
        copyFileSync(join(root, 'node_modules', from), join(folder, to));
      }
    }
  );
}

// Native modules and what the user's notebooks import stay outside: they are found in node_modules beside the bundle.
const outside = ['zeromq', 'koffi', 'typescript', '@tensorflow/*', 'kernel-helpers'];
// What the meter shares with the library goes into its bundle, from the source.
const shared = {
  'kernel-helpers/impact': './kernel-helpers/src/impact/index.ts',
  'kernel-helpers/impact/zones': './kernel-helpers/src/impact/zones.ts',
  'kernel-helpers/launch': './kernel-helpers/src/distributed/launch.ts'
};
const banner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

async function bundle({ entryPoints, format, external = outside, minify = false }) {
  const esbuild = await import('esbuild');
  const [name] = Object.keys(entryPoints);
  mkdirSync(runtime, { recursive: true });
  rmSync(join(runtime, `${name}-parts`), { recursive: true, force: true });
  await esbuild.build({
    absWorkingDir: root,
    entryPoints,
    outdir: runtime,
    outExtension: { '.js': format === 'esm' ? '.mjs' : '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node22',
    format,
    // What only one command needs, such as native modules, is loaded by that command alone.
    splitting: format === 'esm',
    chunkNames: `${name}-parts/[name]-[hash]`,
    external,
    alias: shared,
    minify,
    sourcemap: false,
    legalComments: 'linked',
    logLevel: 'warning',
    banner: format === 'esm' ? { js: banner } : {}
  });
}
