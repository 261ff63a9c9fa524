import { writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BenchReport, type BenchResult, markdown } from './result.ts';

const root = dirname(dirname(import.meta.dirname));

interface Bench {
  /** What it asks, a sentence of one line. */
  question: string;
  /** Loads its file, which is done only when it is asked for. */
  load: () => Promise<() => Promise<BenchResult[]>>;
}

/** The benchmarks by name. */
const benches: Record<string, Bench> = {
  fidelity: {
    question:
      'Is the energy that joulebook gives a cell the true one, and does its interval hold it in 95 of 100 cases?',
    load: async () => (await import('./fidelity/main.ts')).fidelity
  },
  kernel: {
    question: 'How quick is the TypeScript kernel beside other kernels?',
    load: async () => {
      const { kernelBench } = await import('./kernel/main.ts');
      return () => kernelBench({ root });
    }
  },
  'kernel-language': {
    question: 'Which parts of the language does each TypeScript kernel run as a notebook needs it?',
    load: async () => {
      const { languageBench } = await import('./kernel/main.ts');
      return () => languageBench({ root });
    }
  },
  meter: {
    question: 'What does the meter itself cost in processor time, memory and latency?',
    load: async () => {
      const { meterBench } = await import('./meter/main.ts');
      return () => meterBench({ root });
    }
  },
  training: {
    question: 'How fast do models train and answer beside TensorFlow, Keras and PyTorch in Python?',
    load: async () => {
      const { trainingBench } = await import('./training/main.ts');
      return () => trainingBench({ root });
    }
  },
  distributed: {
    question:
      'How fast do two workers reduce and train beside TensorFlow’s own strategy, and does the model of rings hold?',
    load: async () => {
      const { distributedBench } = await import('./distributed/main.ts');
      return () => distributedBench();
    }
  },
  sidebar: {
    question: 'How soon does JupyterLab show what a cell cost, and does it stay smooth?',
    load: async () => (await import('./sidebar/main.ts')).sidebarBench
  },
  helpers: {
    question: 'What do the optimisers of kernel-helpers cost for each step beside others?',
    load: async () => (await import('./helpers/main.ts')).helpers
  },
  'reproduce-pruning': {
    question: 'Does pruning give what the papers that describe it say, and what does it save?',
    load: async () => {
      const { reproduce } = await import('./reproduce/main.ts');
      return () => reproduce('pruning');
    }
  },
  'reproduce-onebit': {
    question:
      'Does one-bit learning give what the papers that describe it say, and what does it save?',
    load: async () => {
      const { reproduce } = await import('./reproduce/main.ts');
      return () => reproduce('onebit');
    }
  },
  'reproduce-distill': {
    question: 'Does distillation give what the papers that describe it say, and what does it save?',
    load: async () => {
      const { reproduce } = await import('./reproduce/main.ts');
      return () => reproduce('distill');
    }
  }
};

function machine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const load = loadavg()[0]?.toFixed(1);
  return `${first?.model ?? 'unknown processor'}, ${cpus().length} cores, ${memory} GiB, Node ${process.version}, load ${load} before the run`;
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, docs: { type: 'boolean' } }
});
const name = positionals[0] ?? '';
// A name that several begin with, such as `reproduce`, runs them all.
const named = Object.entries(benches);
const chosen = named.filter(([each]) =>
  name in benches ? each === name : each.startsWith(`${name}-`)
);
if (chosen.length === 0) {
  console.error(
    `usage: npm run bench -- NAME [--json FILE] [--docs], NAME one of ${Object.keys(benches).join(', ')}`
  );
  process.exit(2);
}
for (const [each, { question, load }] of chosen) {
  const measured = machine();
  const run = await load();
  const report: BenchReport = {
    bench: each,
    date: new Date().toISOString(),
    machine: measured,
    results: await run()
  };
  console.log(markdown(report));
  if (values.json) {
    const file =
      chosen.length === 1 ? values.json : values.json.replace(/(\.json)?$/, `-${each}.json`);
    writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  }
  if (values.docs) {
    const { writeDocs } = await import('./docs.ts');
    console.log(`written: ${await writeDocs(report, question, join(root, 'docs/benchmarks'))}`);
  }
}
