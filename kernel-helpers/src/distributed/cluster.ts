import { HelperError } from '../errors.ts';
import { expandNodes, expandTasks } from './slurm.ts';

/** The workers of a group, and which of them this process is. */
export interface Cluster {
  /** `host:port` of every worker, in the order of ranks. */
  readonly addresses: readonly string[];
  /** This process's place among them. */
  readonly index: number;
  /** Which variables said so, in words. */
  readonly source: string;
}

/** The port that is used where a launcher names hosts alone; workers of one host take the ports after it. */
const firstPort = 23_400;

/**
 * Reads which workers form the group: from `TF_CONFIG` (Kubeflow's TFJob, TensorFlow), `JOULEBOOK_WORKERS` (`host:port,host:port`) with
 * a rank of MPI's or Slurm's, Slurm's own variables, or MPI's when all ranks share this host; else this process is alone.
 * @param env The environment variables.
 * @returns The cluster.
 * @throws HelperError `distributed/cluster` naming the variable that makes no sense.
 * @see TensorFlow, "Distributed training", TF_CONFIG
 */
export function readCluster(env: NodeJS.ProcessEnv = process.env): Cluster {
  if (env.TF_CONFIG) return fromTfConfig(env.TF_CONFIG);
  const task = readTask(env);
  if (env.JOULEBOOK_WORKERS) return fromList(env.JOULEBOOK_WORKERS, task);
  if (!task || task.size === 1) {
    return {
      addresses: ['127.0.0.1:0'],
      index: 0,
      source: 'no TF_CONFIG, Slurm or MPI: one worker'
    };
  }
  if (task.nodes) return onNodes(task, task.nodes);
  if (task.isLocal) {
    return cluster(
      Array.from({ length: task.size }, () => '127.0.0.1'),
      task
    );
  }
  throw new HelperError(
    'distributed/cluster',
    `${task.source} starts ${task.size} workers on several hosts without naming these; set JOULEBOOK_WORKERS=host:port,host:port on all of them`
  );
}

interface Task {
  readonly source: string;
  readonly rank: number;
  readonly size: number;
  /** Slurm's list of nodes, and how many tasks each runs. */
  readonly nodes?: { readonly list: string; readonly tasks: string };
  readonly isLocal?: boolean;
}

function readTask(env: NodeJS.ProcessEnv): Task | undefined {
  if (env.SLURM_PROCID !== undefined) {
    const nodes = {
      list: env.SLURM_STEP_NODELIST ?? env.SLURM_JOB_NODELIST ?? '',
      tasks: env.SLURM_STEP_TASKS_PER_NODE ?? env.SLURM_TASKS_PER_NODE ?? '1'
    };
    const size = env.SLURM_STEP_NUM_TASKS ?? env.SLURM_NTASKS ?? '1';
    return {
      source: 'Slurm',
      rank: whole('SLURM_PROCID', env.SLURM_PROCID),
      size: whole('SLURM_NTASKS', size),
      nodes
    };
  }
  for (const [source, rank, size, local] of mpiVariables) {
    if (env[rank] === undefined || env[size] === undefined) continue;
    const count = whole(size, env[size]);
    const isLocal = local !== undefined && env[local] === env[size];
    return { source, rank: whole(rank, env[rank]), size: count, isLocal };
  }
  return undefined;
}

/** Rank, size and size on this host, as the launchers call them. */
const mpiVariables: readonly (readonly [string, string, string, string?])[] = [
  ['Open MPI', 'OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE', 'OMPI_COMM_WORLD_LOCAL_SIZE'],
  ['MPI', 'PMI_RANK', 'PMI_SIZE', 'MPI_LOCALNRANKS']
];

function fromTfConfig(text: string): Cluster {
  const expected =
    'expected TF_CONFIG to be {"cluster": {"worker": ["host:port", …]}, "task": {"type": "worker", "index": 0}}';
  let config: { cluster?: Record<string, unknown>; task?: { type?: unknown; index?: unknown } };
  try {
    config = JSON.parse(text) as typeof config;
  } catch (cause) {
    throw new HelperError(
      'distributed/cluster',
      `${expected}, got no JSON: ${text.slice(0, 200)}`,
      { cause }
    );
  }
  const { type = 'worker', index } = config?.task ?? {};
  const [chiefs, workers] = [config?.cluster?.chief ?? [], config?.cluster?.worker ?? []];
  if (!isAddresses(chiefs) || !isAddresses(workers) || typeof index !== 'number') {
    throw new HelperError('distributed/cluster', `${expected}, got ${text.slice(0, 300)}`);
  }
  if (type !== 'worker' && type !== 'chief') {
    throw new HelperError(
      'distributed/cluster',
      `TF_CONFIG makes this process a ${String(type)}, which takes no part in all-reduce training; start a worker or chief`
    );
  }
  // The chief is the first worker, as in MultiWorkerMirroredStrategy.
  const rank = type === 'chief' ? index : chiefs.length + index;
  return checked({ addresses: [...chiefs, ...workers], index: rank, source: 'TF_CONFIG' });
}

function fromList(list: string, task: Task | undefined): Cluster {
  const addresses = list.split(',').map(address => address.trim());
  if (!task && addresses.length > 1) {
    throw new HelperError(
      'distributed/cluster',
      'JOULEBOOK_WORKERS names several workers, but neither Slurm nor MPI says which of them this process is; set PMI_RANK and PMI_SIZE'
    );
  }
  return checked({ addresses, index: task?.rank ?? 0, source: 'JOULEBOOK_WORKERS' });
}

function onNodes(task: Task, { list, tasks }: NonNullable<Task['nodes']>): Cluster {
  const counts = expandTasks(tasks);
  const hosts = expandNodes(list).flatMap((host, i) => Array<string>(counts[i] ?? 0).fill(host));
  return cluster(hosts, task);
}

function cluster(hosts: readonly string[], { source, rank, size }: Task): Cluster {
  if (hosts.length !== size) {
    throw new HelperError(
      'distributed/cluster',
      `${source} starts ${size} workers, its list of nodes has room for ${hosts.length}: ${hosts.join(', ')}`
    );
  }
  const used = new Map<string, number>();
  const addresses = hosts.map(host => {
    const local = used.get(host) ?? 0;
    used.set(host, local + 1);
    return `${host}:${firstPort + local}`;
  });
  return checked({ addresses, index: rank, source });
}

function checked(cluster: Cluster): Cluster {
  const { addresses, index, source } = cluster;
  const wrong = addresses.find(
    address => !/^[^\s:]+:\d{1,5}$|^\[[\da-f:]+\]:\d{1,5}$/i.test(address)
  );
  if (wrong !== undefined) {
    throw new HelperError('distributed/cluster', `${source}: expected host:port, got "${wrong}"`);
  }
  const twice = addresses.find((address, i) => addresses.indexOf(address) !== i);
  if (twice !== undefined) {
    throw new HelperError('distributed/cluster', `${source} names the worker ${twice} twice`);
  }
  if (!Number.isInteger(index) || index < 0 || index >= addresses.length) {
    throw new HelperError(
      'distributed/cluster',
      `${source} gives this process the index ${index}, expected 0 to ${addresses.length - 1}`
    );
  }
  return cluster;
}

function isAddresses(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(item => typeof item === 'string');
}

function whole(name: string, text: string | undefined): number {
  if (text !== undefined && /^\d+$/.test(text)) return Number(text);
  throw new HelperError(
    'distributed/cluster',
    `expected ${name} to be a whole number, got "${text}"`
  );
}
