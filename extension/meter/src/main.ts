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
// A pipe takes what is written in its own time, and exit would drop the rest.
await Promise.all(
  [process.stdout, process.stderr].map(stream => new Promise(done => stream.write('', done)))
);
process.exit(code);
