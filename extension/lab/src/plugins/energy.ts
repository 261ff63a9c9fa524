import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IThemeManager, Notification } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { EnergyApi } from '../api/requests';
import { Formatter } from '../format/formatter';
import { keepDaemonSettings } from '../model/daemon-settings';
import { followPage } from '../model/follow-page';
import { ImpactModel } from '../model/impact';
import { MeterModel } from '../model/meter';
import { Notebooks } from '../model/notebooks';
import { Preferences } from '../model/preferences';
import { IEnergy, TRANSLATION_DOMAIN } from '../tokens';

/** The id under which the settings' schema lies. */
export const SETTINGS_ID = 'joulebook-lab:energy';

/** Provides the models that all views share. */
export const energyPlugin: JupyterFrontEndPlugin<IEnergy> = {
  id: SETTINGS_ID,
  description: 'Follows the energy of the open notebooks.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ISettingRegistry, ITranslator, IThemeManager],
  provides: IEnergy,
  /** Makes the models and begins to listen to the daemon. */
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    registry: ISettingRegistry | null,
    translator: ITranslator | null,
    themes: IThemeManager | null
  ): IEnergy => {
    const trans = (translator ?? nullTranslator).load(TRANSLATION_DOMAIN);
    const { serverSettings, contents, kernelspecs } = app.serviceManager;
    const api = new EnergyApi(serverSettings);
    const meter = new MeterModel(api);
    const preferences = new Preferences();
    const impact = new ImpactModel(api, meter);
    const notebooks = new Notebooks({
      tracker,
      api,
      meter,
      localPath: path => contents.localPath(path)
    });
    if (registry) void followSettings(registry, preferences);
    followPage(meter);
    keepDaemonSettings(api, meter, preferences, why =>
      Notification.warning(trans.__('The energy meter does not take a setting: %1', why), {
        autoClose: 15_000
      })
    );
    meter.start();
    return {
      api,
      meter,
      notebooks,
      impact,
      preferences,
      trans,
      themeChanged: themes?.themeChanged ?? null,
      formatter: formatterOf(trans, preferences, impact),
      kernelTitle: name => kernelspecs.specs?.kernelspecs[name]?.display_name ?? name
    };
  }
};

/** Makes a formatter anew only when something that it goes by has changed. */
function formatterOf(
  trans: TranslationBundle,
  preferences: Preferences,
  impact: ImpactModel
): () => Formatter {
  const locale = document.documentElement.lang || 'en';
  let made: Formatter | null = null;
  const forget = (): void => {
    made = null;
  };
  preferences.changed.connect(forget);
  impact.changed.connect(forget);
  return () => {
    const { unit, intervals } = preferences.values;
    made ??= new Formatter(trans, { unit, intervals, locale, impact: impact.value });
    return made;
  };
}

async function followSettings(registry: ISettingRegistry, preferences: Preferences): Promise<void> {
  const settings = await registry.load(SETTINGS_ID);
  const apply = (): void => preferences.update(settings.composite);
  settings.changed.connect(apply);
  apply();
}
