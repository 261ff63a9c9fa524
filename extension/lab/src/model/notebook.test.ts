import { NotebookModel } from '@jupyterlab/notebook';
import type { Kernel, Session } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import type { Execution, Label } from '../api/types';
import { execution } from '../fixtures';
import type { KernelSource } from './kernel-labels';
import { LabelQueue } from './label-queue';
import { NotebookEnergy } from './notebook';
import { executionsOf } from './rows';
import { sha256 } from './sha256';

/** The part of a session that the notebook listens to, with a kernel that can be replaced. */
class FakeSession {
  readonly kernelChanged = new Signal<this, unknown>(this);
  readonly statusChanged = new Signal<this, Kernel.Status>(this);
  kernel = this.newKernel('kernel-a');

  newKernel(id: string): { id: string; anyMessage: Signal<unknown, unknown> } {
    const kernel = { id, anyMessage: new Signal<unknown, unknown>({ id }) };
    return kernel;
  }

  get session(): Session.ISessionConnection {
    return { kernel: this.kernel } as unknown as Session.ISessionConnection;
  }

  replaceKernel(id: string): void {
    this.kernel = this.newKernel(id);
    this.kernelChanged.emit(undefined);
  }

  send(cellId: string, msgId: string): void {
    const msg = { header: { msg_type: 'execute_request', msg_id: msgId }, metadata: { cellId } };
    this.kernel.anyMessage.emit({ msg, direction: 'send' });
  }

  reply(msgId: string, status: 'ok' | 'aborted' = 'ok'): void {
    const msg = {
      header: { msg_type: 'execute_reply', msg_id: 'r' },
      parent_header: { msg_id: msgId },
      content: { status }
    };
    this.kernel.anyMessage.emit({ msg, direction: 'recv' });
  }
}

function setUp(stored: Execution[] = []) {
  const model = new NotebookModel();
  model.fromJSON({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: [
      {
        cell_type: 'code',
        id: 'cell-1',
        source: 'fit()',
        metadata: {},
        outputs: [],
        execution_count: null
      },
      { cell_type: 'markdown', id: 'text', source: '# Title', metadata: {} },
      {
        cell_type: 'code',
        id: 'cell-2',
        source: 'plot()',
        metadata: {},
        outputs: [],
        execution_count: null
      }
    ]
  });
  const session = new FakeSession();
  const labels: Label[] = [];
  const notebook = new NotebookEnergy({
    model,
    sessionContext: session as unknown as KernelSource,
    path: 'a.ipynb',
    labels: new LabelQueue(batch => Promise.resolve(void labels.push(...batch))),
    executions: () => Promise.resolve(stored),
    pageTime: date => Date.parse(date)
  });
  return { model, session, labels, notebook };
}

const changed = (notebook: NotebookEnergy): Promise<void> =>
  new Promise(resolve => {
    const slot = (): void => {
      notebook.changed.disconnect(slot);
      resolve();
    };
    notebook.changed.connect(slot);
  });

describe('NotebookEnergy', () => {
  it('labels each request with its cell and notebook, and shows the cell as waiting', async () => {
    const { session, labels, notebook } = setUp();
    session.send('cell-1', 'm1');
    await changed(notebook);
    expect(labels).toEqual([
      { msg_id: 'm1', notebook: 'a.ipynb', cell_id: 'cell-1', kernel_id: 'kernel-a' }
    ]);
    expect(notebook.view.rows.map(row => [row.cellId, row.status])).toEqual([['cell-1', 'queued']]);
    notebook.dispose();
  });
  it('goes on labelling after another kernel took over, and forgets what was queued', async () => {
    const { session, labels, notebook } = setUp();
    session.send('cell-1', 'm1');
    session.replaceKernel('kernel-b');
    session.send('cell-2', 'm2');
    await changed(notebook);
    expect(labels.map(label => label.kernel_id)).toEqual(['kernel-a', 'kernel-b']);
    expect(notebook.view.rows.map(row => row.cellId)).toEqual(['cell-2']);
    notebook.dispose();
  });
  it('knows the cell of an execution that the daemon has no label for yet', () => {
    const { session, notebook } = setUp();
    session.send('cell-2', 'm2');
    notebook.take(
      execution('1', {
        msg_id: 'm2',
        cell_id: null,
        notebook: null,
        notebook_path: null,
        status: 'running',
        end_ns: null
      })
    );
    expect(notebook.view.rows[0]).toMatchObject({ cellId: 'cell-2', status: 'running' });
    notebook.dispose();
  });
  it('leaves executions of other notebooks alone', () => {
    const { notebook } = setUp();
    notebook.take(execution('1', { notebook_path: 'b.ipynb' }));
    expect(notebook.view.rows).toEqual([]);
    notebook.dispose();
  });
  it('shows what the daemon stored, and does not let an old event take an end back', async () => {
    const { notebook } = setUp([execution('1')]);
    await notebook.load();
    notebook.take(execution('1', { status: 'running', end_ns: null }));
    expect(notebook.view.rows[0]).toMatchObject({ cellId: 'cell-1', status: 'ok' });
    notebook.dispose();
  });
  it('moves what has ended to the cell that a later label names, and tells of an end once', () => {
    const { notebook } = setUp();
    const ended: string[] = [];
    notebook.finished.connect((_, { cell_id }) => ended.push(String(cell_id)));
    notebook.take(execution('1'));
    notebook.take(execution('1', { notebook_path: 'renamed.ipynb' }));
    expect(ended).toEqual(['cell-1']);
    notebook.take(execution('1', { cell_id: 'cell-2' }));
    expect(notebook.view.rows.map(row => row.cellId)).toEqual(['cell-2']);
    expect(ended).toEqual(['cell-1', 'cell-2']);
    notebook.dispose();
  });
  it('takes the carbon that a service told after the end', () => {
    const { notebook } = setUp();
    notebook.take(execution('1'));
    const carbon = { zone: 'GB', at: '2026-11-23T00:00:04Z' } as Execution['carbon'];
    notebook.take(execution('1', { carbon }));
    expect(executionsOf(notebook.view)).toMatchObject([{ carbon }]);
    notebook.dispose();
  });
  it('does not let a page that an event has overtaken take an end back', async () => {
    const { notebook } = setUp([execution('1', { status: 'running', end_ns: null })]);
    const loading = notebook.load();
    notebook.take(execution('1'));
    await loading;
    expect(notebook.view.rows[0]).toMatchObject({ cellId: 'cell-1', status: 'ok' });
    notebook.dispose();
  });
  it('no longer waits for a request that was answered without having run', () => {
    const { session, notebook } = setUp();
    session.send('cell-1', 'm1');
    session.reply('m1');
    expect(notebook.view.rows).toEqual([]);
    notebook.dispose();
  });
  it('says that a cell was not run, until it is asked for again or the kernel is replaced', () => {
    const { session, notebook } = setUp([]);
    const states = (): string[] => notebook.view.rows.map(row => `${row.cellId} ${row.status}`);
    notebook.take(execution('1', { status: 'error' }));
    session.send('cell-2', 'm2');
    session.reply('m2', 'aborted');
    expect(states()).toEqual(['cell-1 error', 'cell-2 aborted']);
    session.send('cell-2', 'm3');
    expect(states()).toEqual(['cell-1 error', 'cell-2 queued']);
    session.reply('m3', 'aborted');
    session.replaceKernel('kernel-b');
    expect(states()).toEqual(['cell-1 error']);
    notebook.dispose();
  });
  it('marks a cell as stale once it is edited, and no longer when the edit is taken back', async () => {
    const hash = await sha256('fit()');
    const { model, notebook } = setUp([execution('1', { source_sha256: hash })]);
    await notebook.load();
    const until = async (stale: boolean): Promise<void> => {
      while (notebook.view.rows[0]?.stale !== stale) await changed(notebook);
    };
    model.sharedModel.cells[0]?.setSource('fit(2)');
    await until(true);
    model.sharedModel.cells[0]?.setSource('fit()');
    await until(false);
    expect(notebook.view.rows[0]?.stale).toBe(false);
    notebook.dispose();
  });
  it('takes its measurements along when the file is renamed', async () => {
    const { labels, notebook } = setUp([execution('1')]);
    await notebook.load();
    notebook.rename('b.ipynb');
    await changed(notebook);
    expect(labels).toMatchObject([{ msg_id: 'message-1', notebook: 'b.ipynb', cell_id: 'cell-1' }]);
    notebook.dispose();
  });
});
