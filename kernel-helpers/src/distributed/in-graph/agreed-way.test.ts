import type { Compiled } from '../../jit/compiled.ts';
import { AgreedWay } from './agreed-way.ts';

/** A worker whose compilations end when the test says so. */
class Worker {
  readonly way = new AgreedWay();
  readonly #functions = new Map<string, Compiled>();
  readonly #ends = new Map<Compiled, (failure: string | undefined) => void>();

  /** Functions are the worker's own, as recordings are. */
  run(name: string): string {
    const compiled = this.#functions.get(name) ?? ({ name } as unknown as Compiled);
    this.#functions.set(name, compiled);
    const chosen = this.way.choose(
      compiled,
      () => new Promise(resolve => this.#ends.set(compiled, resolve))
    );
    this.way.add(1000);
    return chosen;
  }

  async end(name: string, failure?: string): Promise<void> {
    this.#ends.get(this.#functions.get(name)!)!(failure);
    await Promise.resolve();
  }
}

/** A step of all workers: each notes what all said, then runs a function. */
function step(workers: readonly Worker[], name: string): string[] {
  const isAgreed = workers.every(({ way }) => way.isCompiled);
  for (const { way } of workers) way.note(isAgreed);
  return workers.map(worker => worker.run(name));
}

describe('the way that workers agree on', () => {
  it('is XLA once all have compiled', async () => {
    const [a, b] = [new Worker(), new Worker()];
    expect(step([a, b], 'f')).toEqual(['plain', 'plain']);
    expect(step([a, b], 'f')).toEqual(['plain', 'plain']);
    await a.end('f');
    expect(step([a, b], 'f')).toEqual(['plain', 'plain']);
    await b.end('f');
    expect(step([a, b], 'f')).toEqual(['xla', 'xla']);
  });

  it('stays plain where one cannot compile', async () => {
    const [a, b] = [new Worker(), new Worker()];
    for (let i = 0; i < 2; i++) step([a, b], 'f');
    await a.end('f');
    await b.end('f', 'no such kernel');
    expect(step([a, b], 'f')).toEqual(['plain', 'plain']);
  });

  it('is plain for a function that is new to all, and XLA again when all have that one, too', async () => {
    const workers = [new Worker(), new Worker()];
    for (let i = 0; i < 2; i++) step(workers, 'f');
    for (const worker of workers) await worker.end('f');
    expect(step(workers, 'g')).toEqual(['plain', 'plain']);
    await workers[0]!.end('g');
    expect(step(workers, 'f')).toEqual(['plain', 'plain']);
    await workers[1]!.end('g');
    step(workers, 'g');
    expect(step(workers, 'f')).toEqual(['xla', 'xla']);
    expect(step(workers, 'g')).toEqual(['xla', 'xla']);
  });

  it('is the same on a worker that joins later and has seen fewer functions', async () => {
    const old = new Worker();
    for (const name of ['f', 'g', 'f', 'g']) step([old], name);
    for (const name of ['f', 'g']) await old.end(name);
    step([old], 'f');
    step([old], 'g');
    expect(step([old], 'f')).toEqual(['xla']);
    const all = [old, new Worker()];
    for (let i = 0; i < 2; i++) expect(step(all, 'f')).toEqual(['plain', 'plain']);
    await all[1]!.end('f');
    expect(step(all, 'f')).toEqual(['xla', 'xla']);
    expect(step(all, 'g')).toEqual(['plain', 'plain']);
  });

  it('compiles nothing that costs little as it is', () => {
    const way = new AgreedWay();
    const compile = jest.fn(() => Promise.resolve(undefined));
    for (let i = 0; i < 499; i++) {
      way.choose({} as Compiled, compile);
      way.add(1);
    }
    expect(compile).not.toHaveBeenCalled();
    way.add(1);
    way.choose({} as Compiled, compile);
    expect(compile).toHaveBeenCalledTimes(1);
  });
});
