/** What is used of TensorFlow.js, which keeps its one engine on the global object. */
interface Engine {
  registryFactory?: { cpu?: { factory: () => object } };
}

const quieted = new WeakSet<object>();

/**
 * Keeps TensorFlow.js from advising, at the first tensor, to install a package that no current Node can build: banner and `device()` say
 * what computes here, and `useTensorFlow()` is the quicker way. Called after each import, for TensorFlow.js may come with any package.
 */
export function quietTensorFlow(): void {
  const { _tfengine } = globalThis as { _tfengine?: Engine };
  const plain = _tfengine?.registryFactory?.cpu;
  if (plain === undefined || quieted.has(plain)) return;
  quieted.add(plain);
  const { factory } = plain;
  plain.factory = () => Object.assign(factory(), { firstUse: false });
}
