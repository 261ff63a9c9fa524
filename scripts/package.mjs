// Builds the wheel: one file with front end, server extension, daemon, kernel and helpers, for this platform.
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root, venvBin } from './steps/places.mjs';
import { prepare } from './steps/prepare.mjs';
import { main, step } from './steps/progress.mjs';
import { run } from './steps/run.mjs';
import { makeStage, stagedServer } from './steps/stage.mjs';

const dist = join(root, 'dist');
const wheels = () => readdirSync(dist).filter(name => name.endsWith('.whl'));

await main(async () => {
  await prepare({ everything: false });
  await step('gather what the wheel holds', makeStage);
  await step('build the wheel', () => {
    wheels().forEach(name => rmSync(join(dist, name)));
    return run(
      'wheel',
      venvBin('python'),
      ['-m', 'hatchling', 'build', '-t', 'wheel', '-d', dist],
      {
        cwd: stagedServer
      }
    );
  });
  for (const name of wheels()) {
    const megabytes = (statSync(join(dist, name)).size / 1e6).toFixed(1);
    console.log(`dist/${name} (${megabytes} MB)`);
  }
  console.log(
    'It holds native modules of this platform only; build it on each that you publish for.'
  );
});
