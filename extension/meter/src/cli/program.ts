import { Command, CommanderError } from 'commander';
import { MeterError, reasonOf } from '../errors.ts';
import { version } from '../version.ts';
import { addCalibrate } from './commands/calibrate.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExport } from './commands/export.ts';
import { addLaunch } from './commands/launch.ts';
import { addReport } from './commands/report.ts';
import { addRun } from './commands/run.ts';
import { addServe } from './commands/serve.ts';
import { addSettings } from './commands/settings.ts';
import { addSources } from './commands/sources.ts';
import { addStatus } from './commands/status.ts';
import { addTop } from './commands/top.ts';
import { addZones } from './commands/zones.ts';
import type { CliContext } from './context.ts';
import { CommandFailed, exitCodes } from './exit.ts';

/**
 * Runs the `joulebook` command.
 * @param args Without program and script.
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage.
 */
export async function runCli(args: string[], context: CliContext): Promise<number> {
  const program = createProgram(context);
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (error instanceof CommandFailed) return exitCodes.failure;
    if (error instanceof MeterError && error.code === 'cli/bad-argument') {
      context.output.note(`error: ${error.message}`);
      return exitCodes.usage;
    }
    context.output.note(`error: ${reasonOf(error)}`);
    return exitCodes.failure;
  }
}

function createProgram(context: CliContext): Command {
  const program = new Command('joulebook')
    .description('Energy per notebook cell, with an interval, for any Jupyter kernel.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(joulebook --help says more)');
  const commands = [addDoctor, addCalibrate, addTop, addRun, addReport, addExport];
  commands.push(addSettings, addZones, addSources, addLaunch, addServe, addStatus);
  for (const add of commands) add(program, context);
  return program.addHelpText('after', published);
}

/** Commands that the Python package runs itself. */
const published = `
Publishing:
  publish [options] [inputs...]             Make a site, single pages, LaTeX or a badge of notebooks, with their energy
  verify [options] <page>                   Run a page or notebook again and tell what differs
  new [options] <name>                      Write a new tutorial from a template`;
