import type { Page } from '@playwright/test';
import { type Picture, chunk, decode, file, indexed } from './png.ts';

/** The part of the page that is filmed, in CSS pixels. */
export interface Clip {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Frame {
  png: Buffer;
  /** When it was taken, in ms. */
  at: number;
}

/** Films a part of the page until the promise is settled; gives an animated PNG. */
export async function film(page: Page, clip: Clip, until: Promise<unknown>): Promise<Buffer> {
  const frames: Frame[] = [];
  let rolling = true;
  void until.finally(() => {
    rolling = false;
  });
  const shoot = async (): Promise<void> => {
    frames.push({ at: Date.now(), png: await page.screenshot({ clip, animations: 'allow' }) });
  };
  while (rolling) {
    await shoot();
    await page.waitForTimeout(150);
  }
  await until;
  await shoot();
  return animate(frames);
}

/** How long the last frame stays, in ms. */
const REST_MS = 3_000;

/** Puts frames together; of each only the part that differs from the one before is kept. */
function animate(frames: Frame[]): Buffer {
  const pictures = frames.map(({ png }) => decode(png));
  const palette = paletteOf(pictures);
  const drawn = pictures.map(picture => toIndices(picture, palette));
  const [first] = pictures;
  const { width, height } = first!;
  const parts: { pixels: Uint8Array; box: Clip; at: number }[] = [];
  drawn.forEach((pixels, i) => {
    const before = drawn[i - 1];
    const box = before ? changed(before, pixels, width) : { x: 0, y: 0, width, height };
    if (box) parts.push({ pixels: cut(pixels, width, box), box, at: frames[i]!.at });
  });
  const chunks = [header(width, height), chunk('PLTE', palette), control(parts.length)];
  let sequence = 0;
  parts.forEach(({ pixels, box, at }, i) => {
    const delay = (parts[i + 1]?.at ?? at + REST_MS) - at;
    chunks.push(chunk('fcTL', frameControl(sequence++, box, delay)));
    const data = indexed(pixels, box.width);
    if (i === 0) chunks.push(chunk('IDAT', data));
    else chunks.push(chunk('fdAT', Buffer.concat([number32(sequence++), data])));
  });
  return file(chunks);
}

/** Colours are told apart by their five upper bits. */
const keyOf = (rgb: Uint8Array, at: number): number =>
  ((rgb[at]! >> 3) << 10) | ((rgb[at + 1]! >> 3) << 5) | (rgb[at + 2]! >> 3);

/** The 256 most frequent colours, three bytes each. */
function paletteOf(pictures: Picture[]): Uint8Array {
  const counts = new Map<number, { count: number; colour: Uint8Array }>();
  for (const { rgb } of pictures) {
    for (let at = 0; at < rgb.length; at += 3) {
      const held = counts.get(keyOf(rgb, at));
      if (held) held.count += 1;
      else counts.set(keyOf(rgb, at), { count: 1, colour: rgb.slice(at, at + 3) });
    }
  }
  const best = [...counts.values()].sort((a, b) => b.count - a.count).slice(0, 256);
  return Uint8Array.from(best.flatMap(({ colour }) => [...colour]));
}

function toIndices({ rgb }: Picture, palette: Uint8Array): Uint8Array {
  const nearest = new Map<number, number>();
  const indices = new Uint8Array(rgb.length / 3);
  for (let i = 0; i < indices.length; i++) {
    const key = keyOf(rgb, i * 3);
    let index = nearest.get(key);
    if (index === undefined) {
      index = nearestIn(palette, rgb.subarray(i * 3, i * 3 + 3));
      nearest.set(key, index);
    }
    indices[i] = index;
  }
  return indices;
}

function nearestIn(palette: Uint8Array, colour: Uint8Array): number {
  let best = 0;
  let least = Infinity;
  for (let i = 0; i < palette.length; i += 3) {
    const distance = [0, 1, 2].reduce((sum, c) => sum + (palette[i + c]! - colour[c]!) ** 2, 0);
    if (distance >= least) continue;
    least = distance;
    best = i / 3;
  }
  return best;
}

/** The smallest box that holds every difference; null when there is none. */
function changed(before: Uint8Array, after: Uint8Array, width: number): Clip | null {
  let [left, top, right, bottom] = [width, Infinity, -1, -1];
  for (let i = 0; i < after.length; i++) {
    if (before[i] === after[i]) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  return right < 0 ? null : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

function cut(pixels: Uint8Array, width: number, box: Clip): Uint8Array {
  const part = new Uint8Array(box.width * box.height);
  for (let y = 0; y < box.height; y++) {
    const start = (box.y + y) * width + box.x;
    part.set(pixels.subarray(start, start + box.width), y * box.width);
  }
  return part;
}

function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function header(width: number, height: number): Buffer {
  const indexedColour = Buffer.from([8, 3, 0, 0, 0]);
  return chunk('IHDR', Buffer.concat([number32(width), number32(height), indexedColour]));
}

/** Says how many frames there are; they are played for ever. */
function control(count: number): Buffer {
  return chunk('acTL', Buffer.concat([number32(count), number32(0)]));
}

function frameControl(sequence: number, box: Clip, delayMs: number): Buffer {
  const numbers = [sequence, box.width, box.height, box.x, box.y].map(number32);
  const delay = Buffer.alloc(6);
  delay.writeUInt16BE(Math.min(65_535, Math.round(delayMs)), 0);
  delay.writeUInt16BE(1_000, 2);
  return Buffer.concat([...numbers, delay]);
}
