// Reduces with a worker of TensorFlow's own strategy.
import { distributed } from 'kernel-helpers';

const say = (message: object): void => console.log(JSON.stringify(message));
const { group, close } = await distributed.multiWorker({ peers: 'any', timeoutSeconds: 60 });
for (let step = 0; step < Number(process.env.STEPS); step++) {
  const own = Math.fround(Math.fround((group.rank + 1) * (step + 1)) / 10);
  const total = await group.allReduce(new Float32Array(1000).fill(own));
  say({ step, first: total[0], last: total.at(-1) });
}
say({ done: true });
await close();
