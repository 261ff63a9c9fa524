import * as tf from '@tensorflow/tfjs';
import { checkNumber, HelperError } from '../errors.ts';
import { loadLibrary } from '../runtime/load.ts';
import type { Library } from '../runtime/library.ts';
import { readCluster, type Cluster } from './cluster.ts';
import { Formation } from './control/formation.ts';
import { Group } from './group.ts';

/** How workers come together. */
export interface MultiWorkerOptions {
  /** The workers. @default what TF_CONFIG, Slurm or MPI say */
  cluster?: Cluster;
  /** Seconds that one operation waits for the others, from 1 to a day. @default 60 */
  timeoutSeconds?: number;
  /** Seconds to wait until all workers are there, from 1. @default 120 */
  formSeconds?: number;
  /**
   * Fewest workers of a group that forms after one was lost, from 1: with fewer it waits, `formSeconds` at most, for those that come back.
   * @default $JOULEBOOK_FEWEST_WORKERS, else 1
   */
  fewest?: number;
  /** Name of what runs; workers that name another are refused. @default '' */
  program?: string;
  /**
   * Who the other workers are. `joulebook`: all run this library, notice a lost worker at once and form anew without it. `any`: some may be
   * Python's; TensorFlow's servers listen at the cluster's own addresses, and a lost worker ends the group. @default 'joulebook'
   */
  peers?: 'joulebook' | 'any';
  /** Secret that keeps others out of the group. @default $JOULEBOOK_GROUP_KEY, else none */
  key?: string;
  /** Where TensorFlow is, as `useTensorFlow` takes it. */
  library?: string;
}

/** The workers of a cluster, over all the groups that they form. */
export interface Workers {
  /** The group as it is now. */
  readonly group: Group;
  /** Whether a worker came that is not in the group: form anew to take it in. */
  readonly hasNewcomer: boolean;
  /**
   * Leaves the group and forms the next one, with the workers that are left or have come back.
   * @returns The next group.
   * @throws HelperError `distributed/formation` when none forms in time.
   */
  readonly reform: () => Promise<Group>;
  /** Leaves for good. */
  readonly close: () => Promise<void>;
}

/**
 * Forms a group of workers on TensorFlow's collective operations, the engine of `tf.distribute.MultiWorkerMirroredStrategy`.
 * @param options Which workers, and how long to wait for them.
 * @returns The workers, as soon as all have come.
 * @throws HelperError `distributed/cluster` for variables that make no sense or an address that is taken, `distributed/formation` when
 *   somebody does not come in time, `distributed/mismatch` for different programs or versions. TensorFlowError `tensorflow/missing`.
 * @example const { group } = await multiWorker(); const mean = await group.allReduce(values, 'mean');
 */
export async function multiWorker(options: MultiWorkerOptions = {}): Promise<Workers> {
  const cluster = options.cluster ?? readCluster();
  const inADay = { from: 1, to: 86_400 };
  const timeout = checkNumber('timeoutSeconds', options.timeoutSeconds ?? 60, inADay);
  const seconds = checkNumber('formSeconds', options.formSeconds ?? 120, { from: 1 });
  const named = Number(process.env.JOULEBOOK_FEWEST_WORKERS ?? 1);
  const { length: size } = cluster.addresses;
  const bounds = { from: 1, to: size, integer: true } as const;
  const fewest = checkNumber('fewest', options.fewest ?? Math.min(named, size), bounds);
  if (size === 1) return alone();
  const { library } = await loadLibrary(options.library);
  if (options.peers === 'any') return withAny(library, cluster, timeout);
  const program = [
    `TensorFlow ${library.version}`,
    `TensorFlow.js ${tf.version_core}`,
    options.program
  ];
  const formation = await Formation.open(cluster, {
    key: options.key ?? process.env.JOULEBOOK_GROUP_KEY ?? '',
    program: program.filter(Boolean).join(', '),
    seconds,
    fewest
  });
  const form = (): Promise<Group> => Group.form(library, formation, timeout);
  try {
    return forming(await form(), formation, form);
  } catch (error) {
    await formation.close();
    throw error;
  }
}

/** Plain functions rather than methods, so that `const { group, close } = await multiWorker()` works. */
function forming(first: Group, formation: Formation, form: () => Promise<Group>): Workers {
  let group = first;
  return {
    get group() {
      return group;
    },
    get hasNewcomer() {
      return formation.hasOthers(group.indexes);
    },
    reform: async () => {
      await group.leave();
      group = await form();
      return group;
    },
    close: async () => {
      await group.leave();
      await formation.close();
    }
  };
}

function alone(): Workers {
  const group = Group.alone();
  const reform = (): Promise<Group> => Promise.resolve(group);
  return { group, hasNewcomer: false, reform, close: () => Promise.resolve() };
}

async function withAny(library: Library, cluster: Cluster, timeout: number): Promise<Workers> {
  const { addresses, index } = cluster;
  const indexes = addresses.map((_, i) => i);
  const formed = { generation: 1, addresses, indexes, rank: index };
  const group = await Group.connect(library, formed, timeout);
  const close = (): Promise<void> => group.leave();
  const reform = (): Promise<Group> =>
    Promise.reject(
      new HelperError(
        'distributed/formation',
        'a group with workers of other programs does not form anew; start all workers again'
      )
    );
  return { group, hasNewcomer: false, reform, close };
}
