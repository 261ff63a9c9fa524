import { coded } from '../fixtures/coded.ts';
import { readCluster } from './cluster.ts';
import { expandNodes, expandTasks } from './slurm.ts';

const tfConfig = (config: unknown): NodeJS.ProcessEnv => ({ TF_CONFIG: JSON.stringify(config) });
const worker = ['a:1', 'b:2'];

describe('a cluster', () => {
  it("is read from TF_CONFIG, as Kubeflow's TFJob sets it", () => {
    const env = tfConfig({
      cluster: { worker },
      task: { type: 'worker', index: 1 },
      environment: 'cloud'
    });
    expect(readCluster(env)).toEqual({ addresses: worker, index: 1, source: 'TF_CONFIG' });
  });

  it('has the chief as its first worker', () => {
    const cluster = { chief: ['c:3'], worker };
    expect(readCluster(tfConfig({ cluster, task: { type: 'chief', index: 0 } }))).toMatchObject({
      addresses: ['c:3', 'a:1', 'b:2'],
      index: 0
    });
    expect(readCluster(tfConfig({ cluster, task: { type: 'worker', index: 1 } })).index).toBe(2);
  });

  it("is read from Slurm's variables, tasks of one node on ports of their own", () => {
    const env = {
      SLURM_PROCID: '2',
      SLURM_NTASKS: '5',
      SLURM_JOB_NODELIST: 'gpu[09-10,12]',
      SLURM_TASKS_PER_NODE: '2(x2),1'
    };
    expect(readCluster(env)).toEqual({
      addresses: ['gpu09:23400', 'gpu09:23401', 'gpu10:23400', 'gpu10:23401', 'gpu12:23400'],
      index: 2,
      source: 'Slurm'
    });
  });

  it("is read from MPI's variables when all ranks share the host", () => {
    const env = {
      OMPI_COMM_WORLD_RANK: '1',
      OMPI_COMM_WORLD_SIZE: '2',
      OMPI_COMM_WORLD_LOCAL_SIZE: '2'
    };
    expect(readCluster(env)).toMatchObject({
      addresses: ['127.0.0.1:23400', '127.0.0.1:23401'],
      index: 1
    });
  });

  it('takes the hosts from JOULEBOOK_WORKERS and the rank from the launcher', () => {
    const env = { PMI_RANK: '1', PMI_SIZE: '2', JOULEBOOK_WORKERS: 'a:1, b:2' };
    expect(readCluster(env)).toEqual({ addresses: worker, index: 1, source: 'JOULEBOOK_WORKERS' });
  });

  it('is this process alone when nobody says otherwise', () => {
    expect(readCluster({})).toMatchObject({ addresses: ['127.0.0.1:0'], index: 0 });
  });

  it.each([
    ['TF_CONFIG that is no JSON', { TF_CONFIG: '{' }, /got no JSON/],
    [
      'TF_CONFIG without workers',
      tfConfig({ task: { index: 0 } }),
      /gives this process the index 0/
    ],
    [
      'workers that are no list',
      tfConfig({ cluster: { worker: 'a:1' }, task: { index: 0 } }),
      /host:port/
    ],
    ['an index outside', tfConfig({ cluster: { worker }, task: { index: 2 } }), /expected 0 to 1/],
    ['a port missing', tfConfig({ cluster: { worker: ['a'] }, task: { index: 0 } }), /got "a"/],
    [
      'an address twice',
      tfConfig({ cluster: { worker: ['a:1', 'a:1'] }, task: { index: 0 } }),
      /twice/
    ],
    [
      'an evaluator',
      tfConfig({ cluster: { worker }, task: { type: 'evaluator', index: 0 } }),
      /evaluator/
    ],
    ['null', { TF_CONFIG: 'null' }, /gives this process the index|host:port/],
    [
      'MPI on several hosts without their names',
      { PMI_RANK: '0', PMI_SIZE: '2' },
      /JOULEBOOK_WORKERS/
    ],
    ['a rank that is none', { PMI_RANK: 'x', PMI_SIZE: '2' }, /PMI_RANK/],
    ['workers without a rank', { JOULEBOOK_WORKERS: 'a:1,b:2' }, /which of them/],
    [
      'fewer nodes than tasks',
      { SLURM_PROCID: '0', SLURM_NTASKS: '3', SLURM_JOB_NODELIST: 'a', SLURM_TASKS_PER_NODE: '2' },
      /has room for 2/
    ]
  ])('refuses %s', (_, env: NodeJS.ProcessEnv, text) => {
    expect(() => readCluster(env)).toThrow(coded('distributed/cluster'));
    expect(() => readCluster(env)).toThrow(text);
  });
});

describe("Slurm's short forms", () => {
  it.each([
    ['a', ['a']],
    ['a[1-3],b', ['a1', 'a2', 'a3', 'b']],
    ['rack[1-2]n[01,05]', ['rack1n01', 'rack1n05', 'rack2n01', 'rack2n05']],
    ['n[098-101]', ['n098', 'n099', 'n100', 'n101']]
  ])('%s', (list, nodes) => expect(expandNodes(list)).toEqual(nodes));

  it.each(['a[1-', 'a[3-1]', 'a[x]', 'a]'])('%s is refused', list => {
    expect(() => expandNodes(list)).toThrow(coded('distributed/cluster'));
  });

  it('tasks per node', () => expect(expandTasks('2(x3),1')).toEqual([2, 2, 2, 1]));
});
