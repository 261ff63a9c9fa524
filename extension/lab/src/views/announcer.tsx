import * as React from 'react';
import type { NotebookEnergy } from '../model/notebook';
import type { IEnergy } from '../tokens';
import { spokenRow } from './row-text';

/** Tells screen readers of each cell as it ends, politely. */
export function Announcer(props: { energy: IEnergy; notebook: NotebookEnergy }): React.JSX.Element {
  const { energy, notebook } = props;
  const [text, setText] = React.useState('');
  React.useEffect(() => {
    const say = (_: NotebookEnergy, { id }: { id: string }): void => {
      const row = notebook.view.rows.find(r => r.execution?.id === id);
      if (row) setText(spokenRow(row, energy.formatter(), energy.trans));
    };
    notebook.finished.connect(say);
    return () => {
      notebook.finished.disconnect(say);
    };
  }, [notebook, energy]);
  return (
    <div role="status" aria-live="polite" className="jbk-hidden">
      {text}
    </div>
  );
}
