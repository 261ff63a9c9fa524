/** A replacement of a stretch of text. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

/** A text with the places its parts came from. */
export interface MappedText {
  text: string;
  /** Triples: offset in `text`, offset in the original, length. */
  segments: number[];
}

/** Collects replacements in one text. */
export class Edits {
  readonly #edits: Edit[] = [];

  /** Replaces a stretch; what lies inside an earlier replaced stretch is lost with it. */
  replace(start: number, end: number, text: string): void {
    this.#edits.push({ start, end, text });
  }

  /** Inserts text; several at one place stand in the order of the calls. */
  insert(at: number, text: string): void {
    this.replace(at, at, text);
  }

  /**
   * Takes a stretch out, with its inner edits applied.
   * @param from Where the stretch begins in the text.
   * @param origin What to add to offsets to get those of the original.
   */
  slice(source: string, from: number, to: number, origin = 0): MappedText {
    const out = new TextBuilder();
    let at = from;
    for (const edit of this.#within(from, to)) {
      if (edit.start < at) continue;
      out.copy(source.slice(at, edit.start), at + origin);
      out.copy(edit.text, edit.start + origin);
      at = edit.end;
    }
    out.copy(source.slice(at, to), at + origin);
    return out;
  }

  #within(from: number, to: number): Edit[] {
    return this.#edits
      .map((edit, order) => ({ ...edit, order }))
      .filter(({ start, end }) => start >= from && end <= to)
      .sort((a, b) => a.start - b.start || kind(a) - kind(b) || a.order - b.order);
  }
}

/** At one place: insertions first, then the longer replacement. */
function kind(edit: Edit): number {
  return edit.start === edit.end ? -Infinity : edit.start - edit.end;
}

/** Builds a text from pieces whose origin is known. */
export class TextBuilder implements MappedText {
  text = '';
  readonly segments: number[] = [];

  /**
   * Appends a piece.
   * @param origin Its offset in the original; absent for text that has none.
   */
  copy(text: string, origin?: number): this {
    if (text === '') return this;
    if (origin !== undefined) this.segments.push(this.text.length, origin, text.length);
    this.text += text;
    return this;
  }

  /** Appends what another builder made. */
  append(other: MappedText): this {
    const base = this.text.length;
    for (let at = 0; at < other.segments.length; at += 3) {
      const [from = 0, origin = 0, length = 0] = other.segments.slice(at, at + 3);
      this.segments.push(base + from, origin, length);
    }
    this.text += other.text;
    return this;
  }
}
