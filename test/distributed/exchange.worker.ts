// Exchanges numbers with the other workers, and does wrong what $FAULT says.
import { readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { distributed } from 'kernel-helpers';

const say = (message: object): void => console.log(JSON.stringify(message));
const { FAULT = '', ROUNDS = '3' } = process.env;

try {
  const workers = await distributed.multiWorker({
    formSeconds: Number(process.env.FORM_SECONDS ?? 60),
    timeoutSeconds: Number(process.env.TIMEOUT_SECONDS ?? 20),
    program: FAULT === 'program' ? `version ${process.env.TF_CONFIG}` : 'exchange'
  });
  const { group } = workers;
  say({ formed: group.size, rank: group.rank });
  const own = Float32Array.of(group.rank + 1, 0.1, -group.rank);
  say({
    sum: [...(await group.allReduce(own))],
    mean: [...(await group.allReduce(own, 'mean'))],
    max: [...(await group.allReduce(Int32Array.of(group.rank, -group.rank), 'max'))],
    gathered: [...(await group.allGather(Int32Array.of(group.rank, 7)))],
    sent: [...(await group.broadcast(Float32Array.of(group.rank, 5), group.size - 1))]
  });
  const last = group.rank === group.size - 1;
  try {
    for (let round = 0; round < Number(ROUNDS); round++) {
      if (last && FAULT === 'late') await pause(3000);
      if (last && FAULT === 'order') await group.allGather(Int32Array.of(1));
      const length = last && FAULT === 'shape' ? 7 : 1000;
      const values = new Float32Array(length).fill(round + group.rank);
      await group.allReduce(last && FAULT === 'dtype' ? Int32Array.from(values) : values);
      say({ round });
    }
    say({ done: group.traffic, threads: readdirSync('/proc/self/task').length });
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    say({ code, message });
    if (code === 'distributed/lost') {
      const next = await workers.reform();
      const sum = await next.allReduce(Int32Array.of(1));
      say({ again: next.size, generation: next.generation, sum: sum[0] });
    }
  }
  await workers.close();
} catch (error) {
  const { code, message } = error as { code: string; message: string };
  say({ code, message });
}
