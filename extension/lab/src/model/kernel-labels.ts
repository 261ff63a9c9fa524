import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

/** An execution request that a cell sent. */
export interface CellRequest {
  msgId: string;
  cellId: string;
  kernelId: string;
}

/** The answer to a request; an aborted one never ran, since a cell before it failed. */
export interface Settled {
  msgId: string;
  aborted: boolean;
}

/** The part of a session that tells which kernel is in use. */
export type KernelSource = Pick<ISessionContext, 'kernelChanged' | 'session' | 'statusChanged'>;

/** How kernels say that a request was not run; the second is tslab's spelling. */
const ABORTED: readonly string[] = ['aborted', 'abort'];

/** Sees which cell each execution request of one notebook comes from, whatever kernel serves it. */
export class KernelLabels implements IDisposable {
  private readonly _requested = new Signal<this, CellRequest>(this);
  private readonly _settled = new Signal<this, Settled>(this);
  private readonly _kernelGone = new Signal<this, void>(this);
  private kernel: Kernel.IKernelConnection | null = null;

  constructor(private readonly source: KernelSource) {
    source.kernelChanged.connect(this.follow);
    source.statusChanged.connect(this.onStatus);
    this.follow();
  }

  /** Whether the watcher has been disposed. */
  isDisposed = false;

  /** Emitted when a cell's request is sent. */
  get requested(): ISignal<this, CellRequest> {
    return this._requested;
  }

  /** Emitted when a request was answered. */
  get settled(): ISignal<this, Settled> {
    return this._settled;
  }

  /** Emitted when the kernel is restarted, dies or is replaced: nothing is queued any more. */
  get kernelGone(): ISignal<this, void> {
    return this._kernelGone;
  }

  /** The id of the kernel in use; null without one. */
  get kernelId(): string | null {
    return this.kernel?.id ?? null;
  }

  /** Stops watching. */
  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.kernel?.anyMessage.disconnect(this.onMessage);
    this.kernel = null;
    Signal.clearData(this);
  }

  private readonly follow = (): void => {
    const kernel = this.source.session?.kernel ?? null;
    if (kernel === this.kernel) return;
    this.kernel?.anyMessage.disconnect(this.onMessage);
    this.kernel = kernel;
    kernel?.anyMessage.connect(this.onMessage);
    this._kernelGone.emit();
  };

  private readonly onStatus = (_: unknown, status: Kernel.Status): void => {
    if (status === 'restarting' || status === 'autorestarting' || status === 'dead') {
      this._kernelGone.emit();
    }
  };

  private readonly onMessage = (
    sender: Kernel.IKernelConnection,
    args: Kernel.IAnyMessageArgs
  ): void => {
    const { msg, direction } = args;
    if (direction === 'send' && msg.header.msg_type === 'execute_request') {
      const cellId = (msg.metadata as { cellId?: unknown }).cellId;
      if (typeof cellId !== 'string' || cellId === '') return;
      this._requested.emit({ msgId: msg.header.msg_id, cellId, kernelId: sender.id });
    } else if (direction === 'recv' && msg.header.msg_type === 'execute_reply') {
      const parent = msg.parent_header as Partial<KernelMessage.IHeader>;
      const { status } = msg.content as { status?: string };
      if (parent.msg_id) {
        this._settled.emit({ msgId: parent.msg_id, aborted: ABORTED.includes(status ?? '') });
      }
    }
  };
}
