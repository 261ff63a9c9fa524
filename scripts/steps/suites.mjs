import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { browser } from './browser.mjs';
import { tsc } from './build.mjs';
import { installBeside, installTensorFlowPython } from './install.mjs';
import { cacheFolder, root, venv, venvBin, venvNode } from './places.mjs';
import { prometheus } from './prometheus.mjs';
import { collect } from './run.mjs';

const bin = name => join(root, 'node_modules/.bin', name);
const results = join(cacheFolder, 'results');

/** A suite takes a few minutes; one that takes this long hangs. */
const suiteMinutes = 25;
/** The same of one test. */
const testMinutes = 4;
/** Tests that mostly wait for kernels and browsers run side by side; those that judge accuracy never do. */
const sideBySide = Math.min(4, availableParallelism());
/** TensorFlow waits ten seconds for memory that it lacks, and a core is idle meanwhile. */
const waiting = sideBySide + 1;

/** The suites of `npm test` by name, in the order in which they run. Each gives `{ passed, failed }`; `again` says that it has failed already. */
export const suites = {
  types: () =>
    checks([
      ['types of the packages', process.execPath, [tsc, '-b']],
      ['types of the tests', process.execPath, [tsc, '-p', 'test/tsconfig.json']]
    ]),
  lint: () =>
    checks([
      ['ESLint', venvNode(), [bin('eslint'), '.', '--max-warnings', '0']],
      ['Prettier', bin('prettier'), ['--check', '--log-level', 'warn', '.']],
      [
        'import cycles and the order of the stages',
        venvNode(),
        [
          bin('depcruise'),
          '--config',
          'test/gates/dependency-cruiser.cjs',
          'extension',
          'kernel-helpers'
        ]
      ],
      ['ruff', venvBin('ruff'), ['check', 'extension/server', 'test']],
      ['ruff format', venvBin('ruff'), ['format', '--check', 'extension/server', 'test']],
      [
        'mypy',
        venvBin('mypy'),
        ['--config-file', 'extension/server/pyproject.toml', 'extension/server/joulebook']
      ]
    ]),
  unit,
  setup: () => pytest('setup', ['test/setup']),
  python: () => pytest('python', ['extension/server/tests'], { sideBySide }),
  kernel: () => pytest('kernel', ['test/kernel'], { sideBySide }),
  tensorflow: () => nodeTests('tensorflow', {}, waiting),
  distributed: async () =>
    nodeTests(
      'distributed',
      { JOULEBOOK_TENSORFLOW_PYTHON: await installTensorFlowPython() },
      // Its tests wait for processes of theirs most of the time, and must notice within seconds that one has gone.
      availableParallelism()
    ),
  conformance: () => pytest('conformance', ['test/conformance']),
  fleet: async () => pytest('fleet', ['test/fleet'], { env: { PROMETHEUS: await prometheus() } }),
  notebooks: () => pytest('notebooks', ['test/notebooks'], { sideBySide }),
  publish: async () =>
    pytest('publish', ['test/publish'], { sideBySide, env: { CHROMIUM: await browser() } }),
  package: () => pytest('package', ['test/package']),
  e2e
};

/** Runs commands that have nothing to do with each other, as many at a time as there are cores. */
async function checks(list) {
  const outcome = { passed: 0, failed: 0 };
  const waiting = [...list];
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [label, command, args] = next;
      const { code, output } = await collect(command, args, { env: { FORCE_COLOR: '0' } });
      console.log(`  ${code === 0 ? '✓' : '✗'} ${label}`);
      if (code !== 0) {
        console.log(output.trimEnd());
      }
      outcome[code === 0 ? 'passed' : 'failed']++;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return outcome;
}

/** What is held against a clock runs alone, after the rest has run side by side. */
async function unit() {
  const workers = `--maxWorkers=${availableParallelism()}`;
  const rest = await jest('rest', ['--ignoreProjects', 'clocks', workers]);
  const clocks = await jest('clocks', ['--selectProjects', 'clocks', '--runInBand']);
  return { passed: rest.passed + clocks.passed, failed: rest.failed + clocks.failed };
}

/** Jest runs on the environment's Node, which has the daemon's SQLite. */
async function jest(name, args) {
  const file = fresh(`jest-${name}.json`);
  const { code } = await shown(venvNode(), [
    ...['--disable-warning=ExperimentalWarning', join(root, 'node_modules/jest/bin/jest.js')],
    ...['--config', 'test/jest.config.mjs', '--silent', '--json', '--outputFile', file, ...args]
  ]);
  if (!existsSync(file)) {
    return broken('Jest', code);
  }
  const report = JSON.parse(readFileSync(file, 'utf8'));
  const unloadable = report.testResults.filter(
    suite => suite.status === 'failed' && suite.assertionResults.length === 0
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloadable + report.numPendingTests
  };
}

async function pytest(name, folders, { env = {}, sideBySide: lanes = 1 } = {}) {
  const file = fresh(`pytest-${name}.xml`);
  const { code } = await shown(
    venvBin('python'),
    [
      ...['-m', 'pytest', '-q', '-p', 'no:cacheprovider', `--junit-xml=${file}`],
      ...(lanes > 1 ? ['-n', String(lanes), '--dist', 'worksteal'] : []),
      ...folders
    ],
    { env }
  );
  if (!existsSync(file)) {
    return broken(`pytest ${folders.join(' ')}`, code);
  }
  const count = attribute =>
    Number(
      new RegExp(`<testsuite [^>]*\\b${attribute}="(\\d+)"`).exec(readFileSync(file, 'utf8'))?.[1]
    );
  // A skipped check counts as failed: this suite has none to skip.
  const failed = count('failures') + count('errors') + count('skipped');
  return { passed: count('tests') - failed, failed };
}

/** Tests by Node's own runner, on TensorFlow's library, which the set-up installed from its wheel. */
async function nodeTests(name, env, atOnce) {
  const file = fresh(`${name}.tap`);
  const folder = join('test', name);
  const tests = readdirSync(join(root, folder)).filter(test => test.endsWith('.test.ts'));
  const { code } = await shown(
    venvNode(),
    [
      ...['--disable-warning=ExperimentalWarning', '--test', '--test-reporter=spec'],
      ...[`--test-timeout=${testMinutes * 60_000}`, `--test-concurrency=${atOnce}`],
      '--test-force-exit',
      ...['--test-reporter-destination=stdout', '--test-reporter=tap'],
      ...[`--test-reporter-destination=${file}`],
      ...tests.map(test => join(folder, test))
    ],
    { env: { JOULEBOOK_TENSORFLOW: venv, ...env } }
  );
  const summary = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (!/^# pass \d+/m.test(summary)) {
    return broken(`node --test ${folder}`, code);
  }
  const count = what => Number(new RegExp(`^# ${what} (\\d+)`, 'm').exec(summary)?.[1]);
  const failed = count('fail') + count('cancelled') + count('skipped') + count('todo');
  return { passed: count('pass'), failed };
}

async function e2e({ again = false } = {}) {
  const beside = await installBeside();
  const file = fresh('playwright.json');
  const { code } = await shown(
    bin('playwright'),
    ['test', '--config', 'test/e2e/playwright.config.ts'],
    {
      env: {
        CHROMIUM: await browser(),
        JOULEBOOK_BESIDE: beside,
        PLAYWRIGHT_JSON_OUTPUT_NAME: file,
        ...(again && { JOULEBOOK_FULL_TRACE: '1' })
      }
    }
  );
  if (!existsSync(file)) {
    return broken('Playwright', code);
  }
  const { expected, unexpected, flaky, skipped } = JSON.parse(readFileSync(file, 'utf8')).stats;
  const failed = unexpected + flaky + skipped;
  return { passed: expected, failed: failed || code === 0 ? failed : 1 };
}

function fresh(name) {
  mkdirSync(results, { recursive: true });
  const file = join(results, name);
  rmSync(file, { force: true });
  return file;
}

function broken(what, code) {
  console.log(`  ✗ ${what} ended with ${code} and left no result`);
  return { passed: 0, failed: 1 };
}

function shown(command, args, options = {}) {
  const bounded = { minutes: suiteMinutes, ...options };
  return collect(command, args, bounded, chunk => process.stdout.write(chunk));
}
