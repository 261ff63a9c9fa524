// What tfjob.yaml and slurm.sh start on every node, and `joulebook launch -n 2 train.ts` on this machine.
import { data, distributed, fit, models, optim, training, useTensorFlow } from 'kernel-helpers';

await useTensorFlow();
const workers = await distributed.multiWorker({ program: 'train.ts 1' });
const { train } = await data.mnist({ train: 4000 });
const { losses } = await fit(models.mlp([784, 128, 10], { seed: 1 }), train, {
  loss: training.crossEntropy,
  optimizer: optim.adam(0.001),
  batchSize: 120,
  steps: 200,
  workers: distributed.together(workers)
});
const { rank, size, traffic } = workers.group;
const kilobytes = (traffic.sentBytes / losses.length / 1000).toFixed(0);
console.log(
  `worker ${rank} of ${size}: loss ${losses.at(-1)?.toFixed(3)}, ${kilobytes} kB sent in each step`
);
await workers.close();
