// What the bundle of tfjs-core's own specs consists of: its operations as methods, its gradients, its specs.
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';

setTestEnvs([{ name: 'test-tensorflow', backendName: 'tensorflow', flags: {}, isDataSync: true }]);
// The environment must be set before the specs are declared, so they come by `require`, not `import`.
require('@tensorflow/tfjs-core/dist/tests');
