// Trains a small network with the other workers.
import { createHash } from 'node:crypto';
import { distributed, data, fit, io, models, optim, training, useTensorFlow } from 'kernel-helpers';

const say = (message: object): void => console.log(JSON.stringify(message));
const { STEPS = '100', SEED = '1', PAUSE_MS = '0', WAY = '', LOCAL_STEPS = '1' } = process.env;
const { compression: ways } = distributed;
const compression = { topK: ways.topK(0.1), signs: ways.signs(), powerSgd: ways.powerSgd() }[WAY];

await useTensorFlow({ fallback: 'none' });
const workers = await distributed.multiWorker({ formSeconds: 60, timeoutSeconds: 20 });
say({ formed: workers.group.size });
const network = models.mlp([1, 32, 1], { seed: Number(SEED), activation: 'tanh' });
const run = await fit(network, data.sineRegression({ examples: 128, seed: 1 }), {
  loss: training.meanSquaredError,
  optimizer: optim.adam(0.01),
  batchSize: 30,
  seed: 3,
  steps: Number(STEPS),
  workers: distributed.together(workers, { compression, localSteps: Number(LOCAL_STEPS) }),
  onProgress: ({ step }) => {
    say({ step, size: workers.group.size });
    if (PAUSE_MS !== '0')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(PAUSE_MS));
  }
});
const bytes = io.encodeTree(run.params);
say({
  steps: run.steps,
  size: workers.group.size,
  generation: workers.group.generation,
  losses: run.losses,
  sentBytes: workers.group.traffic.sentBytes,
  params: createHash('sha256').update(bytes).digest('hex'),
  values: Buffer.from(bytes).toString('base64')
});
await workers.close();
