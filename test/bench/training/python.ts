import { fileURLToPath } from 'node:url';
import { ChildSide, type Task } from './child.ts';

export type { Run, Task } from './child.ts';

/** Python's side: `function` is tf.function, `keras` is `fit` with jit_compile, `torch` is PyTorch. */
export type PythonKind = 'function' | 'keras' | 'torch';

const scripts = { function: 'reference.py', keras: 'reference.py', torch: 'pytorch.py' } as const;

/** A Python process that builds one task and runs steps of it on demand. */
export class PythonSide extends ChildSide {
  /** What answers, such as `PyTorch 2.9.0, compiled`. */
  version = '';
  readonly #kind: PythonKind;

  /** @param python A Python with TensorFlow and Keras, or PyTorch. */
  constructor(python: string, kind: PythonKind = 'function') {
    super(python, [fileURLToPath(new URL(scripts[kind], import.meta.url))]);
    this.#kind = kind;
  }

  async build(task: Task, kind = this.#kind): Promise<void> {
    this.version = String((await this.ask({ ...task, kind, jit: true })).version);
  }
}
