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

/** A case that takes longer counts as wrong, ms. */
const patienceMs = 15_000;

/** Reads the cases that the tests use too. */
export function readCases(path: string): Case[] {
  return JSON.parse(readFileSync(path, 'utf8')) as Case[];
}

/**
 * Which cases a kernel gets right. Cases without files share a kernel; one that is wrong there is tried again on a fresh
 * kernel, as an earlier case may be the reason.
 */
export async function rightCases(
  command: KernelCommand,
  cases: readonly Case[]
): Promise<boolean[]> {
  const right: boolean[] = [];
  let shared: KernelClient | undefined;
  for (const one of cases) {
    let isRight = false;
    if (one.files === undefined) {
      shared ??= await KernelClient.start(command);
      isRight = await passesInTime(shared, one);
      if (!isRight) {
        await shared.stop();
        shared = undefined;
      }
    }
    right.push(isRight || (await isRightAlone(command, one)));
  }
  await shared?.stop();
  return right;
}

async function isRightAlone(command: KernelCommand, one: Case): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'joulebook-case-'));
  const files = { ...manifestOf(one), ...one.files };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const client = await KernelClient.start(command, folder);
  try {
    return await passesInTime(client, one);
  } finally {
    await client.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A package.json that lists the packages of a case: Deno uses none that is not listed. */
function manifestOf({ files = {} }: Case): Record<string, string> {
  const packages = Object.keys(files).flatMap(
    name => /^node_modules\/(.+)\/package\.json$/.exec(name)?.[1] ?? []
  );
  const dependencies = Object.fromEntries(packages.map(name => [name, '1.0.0']));
  return packages.length > 0 ? { 'package.json': JSON.stringify({ dependencies }) } : {};
}

async function passesInTime(client: KernelClient, one: Case): Promise<boolean> {
  const late = new Promise<false>(resolve => setTimeout(resolve, patienceMs, false).unref());
  return Promise.race([passes(client, one), late]);
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
    const expected = /Cell:(\d+:\d+)/.exec(one.error)?.[1] ?? one.error;
    return outcome.error?.includes(expected) ?? false;
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
