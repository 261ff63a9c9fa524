import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { type BenchReport, table } from './result.ts';

/**
 * Writes a report as a page of the documentation, and the list of all such pages.
 * @param report What the benchmark found in this run.
 * @param question What the benchmark asks, a sentence.
 * @param folder Where the pages lie, such as `docs/benchmarks`.
 * @returns The page's path.
 */
export async function writeDocs(report: BenchReport, question: string, folder: string) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${report.bench}.md`);
  writeFileSync(path, await tidy(page(report, question)));
  writeFileSync(join(folder, 'index.md'), await tidy(contents(folder)));
  return path;
}

function page({ bench, date, machine, results }: BenchReport, question: string): string {
  const met = results.filter(result => result.met).length;
  return `# ${bench}

${question}

Written by \`npm run bench -- ${bench} --docs\` on ${date.slice(0, 10)}: ${met} of ${results.length} goals met.
Machine: ${machine}.

${table(results)}
`;
}

function contents(folder: string): string {
  const names = readdirSync(folder)
    .filter(file => file.endsWith('.md') && file !== 'index.md')
    .map(file => file.slice(0, -'.md'.length))
    .sort();
  const lines = names.map(name => `- [${name}](${name}.md): ${questionOf(folder, name)}`);
  return `# Benchmarks

Each page holds what one run found on the machine that it names. Where something is compared, both sides took turns within that run; figures are
medians, unless a row says otherwise; ratios are ours by the other's. Goals that were missed stand in the table like those that were met.
To measure on your own machine: \`npm run bench -- NAME\`.

${lines.join('\n')}
`;
}

function questionOf(folder: string, name: string): string {
  return readFileSync(join(folder, `${name}.md`), 'utf8').split('\n')[2] ?? '';
}

function tidy(markdown: string): Promise<string> {
  return format(markdown, { parser: 'markdown', printWidth: 100 });
}
