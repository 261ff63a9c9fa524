import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { KernelClient, type KernelCommand } from './client.ts';

/** A case of `test/kernel/cases.json`. */
export interface Case {
  name: string;
  cells: string[];
  result?: string;
  stdout?: string;
  error?: string;
  files?: Record<string, string>;
}

/** A cell that takes longer counts as wrong, ms. */
const patienceMs = 30_000;

/** Reads the cases that the tests use too. */
export function readCases(path: string): Case[] {
  return JSON.parse(readFileSync(path, 'utf8')) as Case[];
}

/** Whether a kernel is right in a case, which it gets fresh. */
export async function isRight(command: KernelCommand, one: Case): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'joulebook-case-'));
  for (const [name, text] of Object.entries(one.files ?? {})) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const late = new Promise<false>(resolve => setTimeout(resolve, patienceMs, false).unref());
  const client = await KernelClient.start(command, folder);
  try {
    return await Promise.race([passes(client, one), late]);
  } finally {
    await client.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function passes(client: KernelClient, one: Case): Promise<boolean> {
  const last = one.cells.at(-1) ?? '';
  for (const cell of one.cells.slice(0, -1)) {
    if ((await client.run(cell)).status !== 'ok') return false;
  }
  const outcome = await client.run(last);
  if (one.stdout !== undefined && outcome.stdout !== one.stdout) return false;
  if (one.error !== undefined) {
    // each kernel names its cells in its own way; line and column are what counts
    return outcome.error?.includes(one.error.replace(/^Cell/, '')) ?? false;
  }
  // tslab prints the values of cells
  const value = outcome.result ?? outcome.stdout.trimEnd();
  return outcome.status === 'ok' && plain(value) === plain(one.result);
}

/** Values are compared without the quotes that one kernel prefers, nor colours and line breaks. */
function plain(value: string | undefined): string {
  return stripVTControlCharacters(value ?? '')
    .replaceAll('"', "'")
    .replace(/\s+/g, ' ');
}

/** The cases as a Markdown table, a column for each kernel. */
export function casesTable(
  rows: readonly { name: string; right: boolean[] }[],
  names: string[]
): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(['case', ...names]),
    line(['-', ...names.map(() => '-')]),
    ...rows.map(({ name, right }) => line([name, ...right.map(is => (is ? 'yes' : 'no'))]))
  ].join('\n');
}
