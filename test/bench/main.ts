import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { type BenchReport, type BenchResult, markdown } from './result.ts';

/** The benchmarks by name; each file is loaded only when it is asked for. */
const benches: Record<string, () => Promise<() => Promise<BenchResult[]>>> = {
  fidelity: async () => (await import('./fidelity/main.ts')).fidelity,
  kernel: async () => {
    const { kernelBench } = await import('./kernel/main.ts');
    return () => kernelBench({ root: dirname(dirname(import.meta.dirname)) });
  },
  'kernel-language': async () => {
    const { languageBench } = await import('./kernel/main.ts');
    return () => languageBench({ root: dirname(dirname(import.meta.dirname)) });
  },
  meter: async () => {
    const { meterBench } = await import('./meter/main.ts');
    return () => meterBench({ root: dirname(dirname(import.meta.dirname)) });
  },
  training: async () => (await import('./training/main.ts')).trainingBench,
  sidebar: async () => (await import('./sidebar/main.ts')).sidebarBench,
  helpers: async () => (await import('./helpers/main.ts')).helpers,
  reproduce: async () => (await import('./reproduce/main.ts')).reproduce
};

function machine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${first?.model ?? 'unknown processor'}, ${cpus().length} cores, ${memory} GiB, Node ${process.version}`;
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' } }
});
const name = positionals[0] ?? '';
const load = benches[name];
if (!load) {
  console.error(
    `usage: npm run bench -- NAME [--json FILE], NAME one of ${Object.keys(benches).join(', ')}`
  );
  process.exit(2);
}
const bench = await load();
const report: BenchReport = {
  bench: name,
  date: new Date().toISOString(),
  machine: machine(),
  results: await bench()
};
console.log(markdown(report));
if (values.json) {
  writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
}
