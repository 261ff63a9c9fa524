import type { TranslationBundle } from '@jupyterlab/translation';
import type { Part } from '../model/split';

/** What a part of the machine is called in the interface. */
export function partName(part: Part, trans: TranslationBundle): string {
  switch (part) {
    case 'cpu':
      return trans.__('CPU');
    case 'memory':
      return trans.__('Memory');
    case 'gpu':
      return trans.__('GPU');
    case 'other':
      return trans.__('Other');
  }
}
