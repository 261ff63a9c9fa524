// Makes the site in dist/site: guide, tutorials (as `npm run notebooks` left them, else without results) and API reference.
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync
} from 'node:fs';
import { dirname, join } from 'node:path';
import { writeApi } from './steps/api.mjs';
import { cacheFolder, root, venvBin } from './steps/places.mjs';
import { prepare } from './steps/prepare.mjs';
import { main, step } from './steps/progress.mjs';
import { run } from './steps/run.mjs';

const stage = join(cacheFolder, 'docs');
const pages = ['README.md', 'setup-guide.md', 'CHANGELOG.md', 'CONTRIBUTING.md'];
const pictures = ['test/e2e/energy-panel.png', 'test/e2e/energy-panel-live.png'];

await main(async () => {
  await prepare({ everything: false });
  rmSync(stage, { recursive: true, force: true });
  cpSync(join(root, 'docs'), stage, { recursive: true });
  for (const path of pictures) {
    mkdirSync(dirname(join(stage, path)), { recursive: true });
    copyFileSync(join(root, path), join(stage, path));
  }
  for (const path of pages) {
    // What lies in docs/ is the root of the site.
    writeFileSync(
      join(stage, path),
      readFileSync(join(root, path), 'utf8').replaceAll('](docs/', '](')
    );
  }
  const executed = join(cacheFolder, 'notebooks');
  for (const name of readdirSync(join(root, 'notebooks')).filter(each => each.endsWith('.ipynb'))) {
    const ran = join(executed, name);
    const from = existsSync(ran) ? ran : join(root, 'notebooks', name);
    cpSync(from, join(stage, 'notebooks', name));
  }
  const count = writeApi(join(stage, 'api'));
  const site = join(root, 'dist/site');
  const args = ['publish', stage, '--output', site, '--title', 'joulebook'];
  const said = await step(`make the site, with ${count} exports described`, () =>
    run('docs', venvBin('joulebook'), args)
  );
  console.log(said.trimEnd().split('\n').at(-1));
});
