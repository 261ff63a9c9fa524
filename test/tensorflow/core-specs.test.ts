import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { useTensorFlow } from '../../kernel-helpers/src/runtime/index.ts';
import { knownFailures, leastPassed } from './known-failures.ts';

/** The little of Jasmine that is used here. */
interface Jasmine {
  getEnv(): {
    configure(options: { random: boolean }): void;
    clearReporters(): void;
    addReporter(reporter: { specDone(spec: Spec): void }): void;
    execute(): Promise<unknown>;
  };
}

interface Spec {
  status: 'passed' | 'failed' | 'pending' | 'excluded';
  fullName: string;
  failedExpectations: { message: string }[];
}

const require = createRequire(import.meta.url);

/** tfjs-core ships its specs as modules that Node cannot import as they are: bundled into one file, it can. */
async function bundleSpecs(folder: string): Promise<string> {
  const outfile = join(folder, 'core-specs.cjs');
  await build({
    entryPoints: [fileURLToPath(new URL('core-specs.entry.js', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    // tfjs-core asks for Jasmine without depending on it.
    alias: { 'jasmine-core': dirname(require.resolve('jasmine-core/package.json')) },
    // The package declares its specs free of side effects, which would drop them all.
    ignoreAnnotations: true,
    logLevel: 'error'
  });
  return outfile;
}

async function runSpecs(): Promise<Spec[]> {
  const { boot } = require('jasmine-core') as { boot: () => Jasmine };
  const environment = boot().getEnv();
  const specs: Spec[] = [];
  environment.configure({ random: false });
  environment.clearReporters();
  environment.addReporter({ specDone: spec => void specs.push(spec) });
  const folder = mkdtempSync(join(tmpdir(), 'joulebook-specs-'));
  // Specs print tables and warn about what they provoke.
  const { log, warn } = console;
  console.log = console.warn = () => undefined;
  try {
    require(await bundleSpecs(folder));
    await environment.execute();
    return specs;
  } finally {
    Object.assign(console, { log, warn });
    rmSync(folder, { recursive: true });
  }
}

function nameOf({ fullName }: Spec): string {
  return fullName.replace('test-tensorflow {}', '{}').replace(/ +/g, ' ');
}

test("tfjs-core's own specs pass on TensorFlow, but for those whose reason is known", async t => {
  await useTensorFlow({ fallback: 'none' });
  const specs = await runSpecs();
  const failed = specs.filter(({ status }) => status === 'failed');
  const passed = specs.filter(({ status }) => status === 'passed').length;
  t.diagnostic(`${passed} passed, ${failed.length} failed`);
  const unexpected = failed
    .filter(spec => !(nameOf(spec) in knownFailures))
    .map(spec => `${nameOf(spec)}: ${spec.failedExpectations[0]?.message.slice(0, 300)}`);
  assert.deepEqual(unexpected, []);
  assert.ok(passed >= leastPassed, `expected at least ${leastPassed} specs to pass, got ${passed}`);
});
