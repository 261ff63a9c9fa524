import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';
import type { Impact } from '../api/impact-types';
import type { EnergyApi } from '../api/requests';
import { LabError } from '../errors';
import type { MeterModel } from './meter';

/** The carbon of electricity changes by the half hour. */
const REFRESH_MS = 600_000;

/** The coefficients of carbon and price as the daemon gives them; null where it has none. */
export class ImpactModel implements IDisposable {
  private readonly _changed = new Signal<this, void>(this);
  private readonly poll: Poll;
  private _value: Impact | null = null;

  constructor(
    private readonly api: Pick<EnergyApi, 'impact'>,
    meter: Pick<MeterModel, 'synchronise' | 'settingsChanged'>
  ) {
    const again = (): void => void this.refresh().catch(() => undefined);
    meter.synchronise.connect(again);
    meter.settingsChanged.connect(again);
    this.poll = new Poll({
      name: 'joulebook-lab:impact',
      factory: () => this.refresh(),
      frequency: { interval: REFRESH_MS, backoff: true, max: 6 * REFRESH_MS },
      // Without a zone nothing changes by itself, and what nobody sees is not asked for.
      standby: () => document.hidden || !this._value?.zone
    });
  }

  /** Emitted when the coefficients were read again. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The coefficients that hold now. */
  get value(): Impact | null {
    return this._value;
  }

  /** Whether the model has been disposed. */
  get isDisposed(): boolean {
    return this.poll.isDisposed;
  }

  /** Asks the daemon. One that knows no impacts is no failure: there are none to show then. */
  async refresh(): Promise<void> {
    try {
      this._value = await this.api.impact();
    } catch (error) {
      if (!(error instanceof LabError) || error.code !== 'api/absent') throw error;
      this._value = null;
    }
    if (!this.isDisposed) this._changed.emit();
  }

  /** Asks no more. */
  dispose(): void {
    this.poll.dispose();
    Signal.clearData(this);
  }
}
