// Builds every part into extension/server/joulebook, where the Python package and the wheel find them.
import { prepare } from './steps/prepare.mjs';
import { main } from './steps/progress.mjs';

await main(async () => {
  await prepare({ everything: false });
});
