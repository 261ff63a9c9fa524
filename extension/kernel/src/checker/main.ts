import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { startupSnapshot } from 'node:v8';
import { libFolderOf } from './lib-folder.ts';
import { serve } from './serve.ts';
import { CheckerService } from './service.ts';
import { warmUp } from './warm.ts';

/** TypeScript's own declarations, from beside this script or from where the environment says. */
function libFolder(): string {
  const given = process.env.JOULEBOOK_TYPESCRIPT_LIB;
  return given ?? libFolderOf(createRequire(__filename));
}

const service = new CheckerService(libFolder());
if (startupSnapshot.isBuildingSnapshot()) {
  const home = process.env.JOULEBOOK_CHECKER_HOME ?? dirname(libFolder());
  service.configure({ folder: home, home });
  service.preload(process.env.JOULEBOOK_CHECKER_MODULES?.split(',') ?? []);
  warmUp(service);
  startupSnapshot.setDeserializeMainFunction(() => serve(service));
} else {
  serve(service);
}
