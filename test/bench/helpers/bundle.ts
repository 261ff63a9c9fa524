import { build } from 'esbuild';
import type { BenchResult } from '../result.ts';

/** What a program that wants one schedule or one measurement carries. */
export async function bundleSize(): Promise<BenchResult[]> {
  return Promise.all(['schedules', 'measure'].map(bundled));
}

async function bundled(name: string): Promise<BenchResult> {
  const contents =
    name === 'schedules'
      ? `import { schedules } from 'kernel-helpers'; console.log(schedules.cosine(1, { steps: 2 })(1));`
      : `import { ${name} } from 'kernel-helpers'; console.log(${name});`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main']
  });
  const kilobytes = (outputFiles[0]?.contents.length ?? Infinity) / 1000;
  return {
    name: `bundle of one import: ${name}`,
    ours: kilobytes,
    other: null,
    ratio: null,
    unit: 'kB',
    goal: 'below 20 (no TensorFlow, which has 900)',
    met: kilobytes < 20
  };
}
