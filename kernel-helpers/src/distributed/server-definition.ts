import { field, integer, message } from '../runtime/protobuf.ts';

/**
 * A ConfigProto: the first worker leads, and one thread more than there are workers, else operations wait for each other. Threads that
 * wait sleep rather than spin: workers of one machine need the processors for each other, and a spinning thread costs energy.
 * @param size How many workers there are.
 * @param hasPython Whether some run TensorFlow's Python strategy.
 * @returns The message in protobuf's wire format.
 */
export function config(size: number, hasPython: boolean): Buffer {
  const leader = '/job:worker/replica:0/task:0';
  const noGpu = field(1, message(field(1, 'GPU'), integer(2, 0)));
  const jobs = field(10, message(field(1, 'worker'), integer(2, size)));
  // Python's strategy starts a coordination service on the first worker, and all others must register there.
  const service = message(field(1, 'standalone'), field(2, leader), integer(3, 1), jobs);
  const isSleeping = integer(9, 1);
  const experimental = message(
    field(1, leader),
    isSleeping,
    ...(hasPython ? [field(23, service)] : [])
  );
  return message(noGpu, integer(5, Math.max(4, size + 1)), field(16, experimental));
}

/**
 * A ServerDef; the numbers are the fields of tensorflow/core/protobuf/tensorflow_server.proto and cluster.proto.
 * @param addresses `host:port` of every worker.
 * @param rank This worker's place among them.
 * @param proto Its ConfigProto.
 * @returns The message in protobuf's wire format.
 */
export function serverDefinition(
  addresses: readonly string[],
  rank: number,
  proto: Buffer
): Buffer {
  const tasks = addresses.map((address, i) => field(2, message(integer(1, i), field(2, address))));
  const job = message(field(1, 'worker'), ...tasks);
  const port = Number(addresses[rank]!.slice(addresses[rank]!.lastIndexOf(':') + 1));
  return message(
    field(1, field(1, job)),
    field(2, 'worker'),
    integer(3, rank),
    field(4, proto),
    field(5, 'grpc'),
    integer(6, port)
  );
}
