import { hostname } from 'node:os';
import type { SeriesLabels } from './prometheus.ts';

/** What names the run that this daemon meters, the first that is set: one's own name, Slurm's job, Kubeflow's training job. */
const runNames = ['JOULEBOOK_RUN', 'SLURM_JOB_ID', 'JOB_NAME'] as const;

/** What says which worker of the run this is, as `multiWorker` reads it; TF_CONFIG comes first. */
const ranks = ['SLURM_PROCID', 'OMPI_COMM_WORLD_RANK', 'PMI_RANK'] as const;

/**
 * The labels by which a fleet's figures are added up: `node`, and `run` and `rank` where the daemon was started within a run.
 * @param env The daemon's environment, which is that of the server or job that started it.
 * @param host This machine's name; Kubernetes' node name comes before it (`NODE_NAME`, from the downward API).
 * @returns Labels of every series.
 */
export function fleetLabels(
  env: NodeJS.ProcessEnv = process.env,
  host: string = hostname()
): SeriesLabels {
  const run = firstOf(env, runNames);
  const rank = rankOfTensorFlow(env.TF_CONFIG) ?? firstOf(env, ranks);
  return {
    node: env.NODE_NAME || host,
    ...(run === undefined ? {} : { run }),
    ...(rank === undefined ? {} : { rank })
  };
}

function firstOf(env: NodeJS.ProcessEnv, names: readonly string[]): string | undefined {
  return names.map(name => env[name]).find(value => value !== undefined && value !== '');
}

/** The task's index; a chief, if there is one, is the first worker. Text that makes no sense is the worker's to refuse. */
function rankOfTensorFlow(text: string | undefined): string | undefined {
  if (!text) return undefined;
  try {
    const { cluster, task } = JSON.parse(text) as {
      cluster?: { chief?: unknown[] };
      task?: { type?: string; index?: number };
    };
    if (typeof task?.index !== 'number') return undefined;
    const before = task.type === 'worker' ? (cluster?.chief?.length ?? 0) : 0;
    return String(before + task.index);
  } catch {
    return undefined;
  }
}
