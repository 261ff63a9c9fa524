import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, showErrorMessage } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker } from '@jupyterlab/notebook';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { TutorialLanguage } from '../api/types';
import { IEnergy } from '../tokens';
import { energyIcon } from '../views/icon';

/** The command that starts a new tutorial; its arguments are a language and a folder. */
export const NEW_TUTORIAL = 'joulebook:new-tutorial';

const LANGUAGES: readonly TutorialLanguage[] = ['typescript', 'python'];

const ARGUMENTS = {
  args: {
    type: 'object',
    properties: {
      language: { type: 'string', enum: [...LANGUAGES], description: 'Default: typescript' },
      cwd: { type: 'string', description: 'The folder of the new file' }
    }
  }
} as const;

/** Offers the template of a tutorial in the launcher and the palette. */
export const tutorialPlugin: JupyterFrontEndPlugin<void> = {
  id: 'joulebook-lab:tutorial',
  description: 'Starts a new tutorial from a template that measures its energy.',
  autoStart: true,
  requires: [IEnergy, INotebookTracker],
  optional: [ILauncher, ICommandPalette],
  /** Registers the command. */
  activate: (
    app: JupyterFrontEnd,
    energy: IEnergy,
    tracker: INotebookTracker,
    launcher: ILauncher | null,
    palette: ICommandPalette | null
  ): void => {
    const { api, trans } = energy;
    const { contents } = app.serviceManager;
    const create = async (language: TutorialLanguage, folder: string): Promise<string> => {
      // The template first: without it no empty file stays behind.
      const content = await api.tutorial(language);
      const { path } = await contents.newUntitled({ path: folder, type: 'notebook' });
      await contents.save(path, { type: 'notebook', format: 'json', content });
      return path;
    };
    app.commands.addCommand(NEW_TUTORIAL, {
      label: args =>
        languageOf(args) === 'python'
          ? trans.__('Energy Tutorial (Python)')
          : trans.__('Energy Tutorial (TypeScript)'),
      caption: trans.__('A notebook with question, measurement and conclusion to fill in'),
      icon: energyIcon,
      describedBy: ARGUMENTS,
      execute: async args => {
        const beside = PathExt.dirname(tracker.currentWidget?.context.path ?? '');
        const folder = typeof args.cwd === 'string' ? args.cwd : beside;
        try {
          const path = await create(languageOf(args), folder);
          await app.commands.execute('docmanager:open', { path });
        } catch (error) {
          await showErrorMessage(trans.__('No tutorial could be made'), error as Error);
        }
      }
    });
    LANGUAGES.forEach((language, rank) => {
      const entry = { command: NEW_TUTORIAL, args: { language } };
      launcher?.add({ ...entry, category: trans.__('Other'), rank: 91 + rank });
      palette?.addItem({ ...entry, category: trans.__('Energy') });
    });
  }
};

function languageOf({ language }: ReadonlyPartialJSONObject): TutorialLanguage {
  return LANGUAGES.find(each => each === language) ?? 'typescript';
}
