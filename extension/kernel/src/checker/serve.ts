import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Answer, Question } from './protocol.ts';
import type { CheckerService } from './service.ts';
import { warmUpStep, warmUpSteps } from './warm.ts';

/** Rounds of warming up while nobody asks. */
const warmUpRounds = 3;
/** How long nobody must have asked, ms. */
const quietMs = 40;
/** Modules that notebooks of this kernel import; without a snapshot, they are parsed while nobody asks. */
const usualModules = ['tslab', 'kernel-helpers', '@tensorflow/tfjs', 'plotly.js'];

/** Answers questions, a JSON object a line on the standard streams, until the input ends. */
export function serve(service: CheckerService): void {
  let rest = '';
  let asked = performance.now();
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) process.stdout.write(`${JSON.stringify(answer(service, line))}\n`);
    asked = performance.now();
  });
  process.stdin.on('end', () => process.exit());
  // The kernel has gone and reads no answer any more.
  process.stdout.on('error', () => process.exit());
  const work = idleWork(service);
  const idle = (): void => {
    const isDone = performance.now() - asked > quietMs && work.next().done === true;
    if (!isDone) setTimeout(idle, 10).unref();
  };
  setTimeout(idle, quietMs).unref();
}

/** What the first cells will need, in steps that are short enough to wait for. */
function* idleWork(service: CheckerService): Generator<void> {
  yield service.preload(usualModules);
  for (const name of service.dependencies()) yield service.preload([name]);
  for (let step = 0; step < warmUpRounds * warmUpSteps; step += 1) {
    yield warmUpStep(service, step);
  }
  collectGarbage();
}

type Operation = (...values: unknown[]) => unknown;

function answer(service: CheckerService, line: string): Answer {
  const { id, op, args } = JSON.parse(line) as Question;
  try {
    const operations = service as unknown as Record<Question['op'], Operation>;
    return { id, result: operations[op](...args) };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** What warming up left is given back: nobody waits for the checker now. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
