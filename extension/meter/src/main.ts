import './cli/quiet.ts';
import { Output } from './cli/context.ts';
import { runCli } from './cli/program.ts';
import { placesOf } from './paths.ts';

const code = await runCli(process.argv.slice(2), {
  places: placesOf(),
  environment: process.env,
  self: [...process.execArgv, process.argv[1] ?? ''],
  output: new Output()
});
process.exit(code);
