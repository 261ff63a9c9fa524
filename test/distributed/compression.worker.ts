// Averages the same made-up gradients in every way, for several steps.
import { distributed } from 'kernel-helpers';

const { compression: ways } = distributed;
const parts = [
  { from: 0, size: 24, shape: [6, 4] },
  { from: 24, size: 5, shape: [5] }
];
const steps = 4;

/** A gradient that every worker can compute for every other. */
const gradient = (rank: number, step: number): Float32Array =>
  Float32Array.from({ length: 29 }, (_, i) => Math.sin(1 + 7 * rank + 3 * step + 1.7 * i));

/** A matrix of rank 1, times 1, 2 and 3 on the three workers. */
const outer = (rank: number): Float32Array =>
  Float32Array.from(
    { length: 29 },
    (_, i) => (rank + 1) * Math.cos(i >> 2) * Math.sin(1 + (i & 3))
  );

const { group, close } = await distributed.multiWorker({ formSeconds: 60 });
const all: Record<string, unknown> = {};
for (const [name, way] of Object.entries({
  half: ways.half(),
  everything: ways.topK(1),
  topK: ways.topK(0.2),
  signs: ways.signs(),
  vote: ways.majorityVote(),
  lowRank: ways.powerSgd({ rank: 2 }),
  rankOne: ways.powerSgd({ rank: 1 }),
  momentum: ways.oneBitMomentum({ warmup: 2 })
})) {
  const run = way.start(parts);
  const before = group.traffic.sentBytes;
  const means: number[][] = [];
  for (let step = 0; step < steps; step++) {
    const own = name === 'rankOne' ? outer(group.rank) : gradient(group.rank, step);
    means.push([...(await run.mean(group, own))]);
  }
  all[name] = { means, bytes: (group.traffic.sentBytes - before) / steps };
}
console.log(JSON.stringify({ all }));
await close();
