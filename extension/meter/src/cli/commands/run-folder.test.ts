import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { homeOfEachTest } from '../fixtures/home.ts';
import { writeNotebook } from '../fixtures/notebook.ts';

const home = homeOfEachTest('cli-run-folder');
const { joulebook } = home;

describe('joulebook run with parameters', () => {
  it('runs a folder with parameters, several times, and gives the mean and the methods', async () => {
    const notebooks = join(home.folder, 'notebooks');
    mkdirSync(notebooks);
    for (const name of ['a', 'b']) {
      const path = writeNotebook(home.folder, 'steps = 1000', 'print("steps", steps)');
      const notebook = JSON.parse(readFileSync(path, 'utf8')) as {
        cells: { metadata: Record<string, unknown> }[];
      };
      notebook.cells[0]!.metadata = { tags: ['parameters'] };
      writeFileSync(join(notebooks, `${name}.ipynb`), JSON.stringify(notebook));
      rmSync(path);
    }
    const written = join(home.folder, 'done');
    const options = ['-p', 'steps=7', '--repeat', '2', '--metadata', '--json'];
    const { code, out } = await joulebook('run', notebooks, '--output', written, ...options);
    const result = JSON.parse(out) as { notebooks: { mean: { repetitions: number } }[] };
    expect([code, result.notebooks.map(({ mean }) => mean.repetitions)]).toEqual([0, [2, 2]]);
    const executed = readFileSync(join(written, 'b.ipynb'), 'utf8');
    expect(executed).toContain('steps 7');
    const { metadata } = JSON.parse(executed) as { metadata: { joulebook: object } };
    expect(metadata.joulebook).toMatchObject({
      total: { repetitions: 2 },
      methods: {
        policy: 'active',
        node: process.versions.node,
        machine: { cores: expect.any(Number) as number }
      }
    });
  });

  it('names a parameter that the notebook does not declare', async () => {
    const output = ['--output', join(home.folder, 'none.ipynb'), '--metadata'];
    const notebook = writeNotebook(home.folder, 'steps = 1');
    const { code, err } = await joulebook('run', notebook, '-p', 'steps=2', ...output);
    expect([code, err]).toEqual([1, expect.stringContaining("no cell is tagged 'parameters'")]);
  });
});
