// Lays out what the wheel holds in dist/stage: the Python package, the bundles, and beside them the packages they import.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { labextension, root, runtime } from './places.mjs';
import { importedBy, typesOf } from './trace.mjs';

const stage = join(root, 'dist/stage');
/** Where the staged Python package is built. */
export const stagedServer = join(stage, 'extension/server');
const stagedRuntime = join(stagedServer, 'joulebook/runtime');

const bundles = ['meter.mjs', 'meter-reader.mjs', 'kernel.mjs', 'kernel-checker.cjs'];
const parts = ['meter-parts', 'kernel-parts', 'publish'];
/** What a notebook can import wherever it lies, beside what the bundles import. */
const forNotebooks = ['kernel-helpers', '@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm'];
const ambientTypes = ['node', 'plotly.js'];
const koffiBinaries = `@koromix/koffi-${process.platform}-${process.arch}`;

/** Makes dist/stage anew. Development never sees it: its imports go on to the project's own node_modules. */
export async function makeStage() {
  rmSync(stage, { recursive: true, force: true });
  copy('LICENSE', join(stagedServer, 'LICENSE'));
  copy('kernel-helpers/LICENSES-DATA.md', join(stagedServer, 'joulebook/LICENSES-DATA.md'));
  copy('extension/lab/package.json');
  copyKernelspec();
  for (const part of ['pyproject.toml', 'hatch_build.py', 'install.json', 'jupyter-config']) {
    copy(`extension/server/${part}`);
  }
  copy(
    'extension/server/joulebook',
    undefined,
    path => !/\/(runtime|labextension|__pycache__)$/.test(path)
  );
  copy(relative(root, labextension));
  // Beside each bundle lie the licences of what is bundled into it.
  const files = bundles.flatMap(bundle => [bundle, `${bundle}.LEGAL.txt`]);
  for (const name of [...files, ...parts]) {
    if (existsSync(join(runtime, name))) {
      cpSync(join(runtime, name), join(stagedRuntime, name), { recursive: true });
    }
  }
  await copyPackages();
}

/** A wheel cannot know where Node is: the kernel starts by way of Python, which Jupyter does know. */
function copyKernelspec() {
  const folder = 'extension/kernel/kernelspec';
  copy(folder);
  const path = join(stage, folder, 'kernel.json');
  const spec = JSON.parse(readFileSync(path, 'utf8'));
  const options = spec.argv.filter(argument => argument !== 'node' && argument !== 'kernel.mjs');
  spec.argv = ['python', '-m', 'joulebook.kernel', ...options];
  writeFileSync(path, JSON.stringify(spec, null, 2));
}

async function copyPackages() {
  const files = new Set([
    ...(await importedBy([
      ...bundles.map(bundle => join(runtime, bundle)),
      ...forNotebooks,
      koffiBinaries
    ])),
    ...(await typesOf(forNotebooks, ambientTypes)),
    ...filesIn('node_modules/typescript/lib', /^lib\..*d\.ts$/),
    ...filesIn('node_modules/@tensorflow/tfjs-backend-wasm/dist', /\.wasm$/),
    ...filesIn(`node_modules/${koffiBinaries}`, /\.node$/, { recursive: true }),
    ...zeromqBinaries()
  ]);
  const folders = new Set([...files].map(packageFolder));
  for (const folder of folders) {
    files.add(`${folder}/package.json`);
    filesIn(folder, /^(licen[cs]e|copying|notice|thirdparty)/i).forEach(path => files.add(path));
  }
  for (const path of [...files].filter(wanted)) {
    copy(path, join(stagedRuntime, path));
  }
}

/** musl's binaries are left out: the wheel is for glibc, as Node's wheel is. */
const wanted = path => !path.includes('/musl_');

/** The newest binary for this platform, and a manifest that names it alone; its loader tries no other then. */
function zeromqBinaries() {
  const build = 'node_modules/zeromq/build';
  const manifest = JSON.parse(readFileSync(join(root, build, 'manifest.json'), 'utf8'));
  const [best] = Object.entries(manifest)
    .map(([config, path]) => ({ ...JSON.parse(config), config, path }))
    .filter(
      ({ os, arch, libc }) => os === process.platform && arch === process.arch && libc !== 'musl'
    )
    .sort((a, b) => b.abi - a.abi);
  const target = join(stagedRuntime, build, 'manifest.json');
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, JSON.stringify({ [best.config]: best.path }));
  return [join(build, best.path)];
}

/** The folder of the package that a file belongs to, also of one nested in another's node_modules. */
function packageFolder(path) {
  const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path);
  return folder;
}

function filesIn(folder, pattern, options) {
  const names = readdirSync(join(root, folder), options).filter(name => pattern.test(name));
  return names.map(name => `${folder}/${name}`);
}

function copy(path, target = join(stage, path), filter = () => true) {
  cpSync(join(root, path), target, { recursive: true, dereference: true, filter });
}
