import type { Label } from './execution.ts';

const remembered = 10_000;

/** The newest labels by message, since a label may come before its cell runs or after. */
export class Labels {
  readonly #labels = new Map<string, Label>();

  /** Remembers a label; the oldest is forgotten when there are too many. */
  add(label: Label): void {
    this.#labels.delete(label.msg_id);
    this.#labels.set(label.msg_id, label);
    const [oldest] = this.#labels.keys();
    if (this.#labels.size > remembered && oldest !== undefined) this.#labels.delete(oldest);
  }

  /** The label of a message, if one came. */
  of(msgId: string): Label | undefined {
    return this.#labels.get(msgId);
  }
}
