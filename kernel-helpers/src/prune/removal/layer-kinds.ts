/** What a layer does with channels, by its class. */
export type LayerKind =
  | { readonly kind: 'makes'; readonly size: string; readonly kernel: Kernel }
  | { readonly kind: 'passes' }
  | { readonly kind: 'scales' }
  | { readonly kind: 'depthwise' }
  | { readonly kind: 'merges' }
  | { readonly kind: 'concatenates' }
  | { readonly kind: 'flattens' }
  | { readonly kind: 'reshapes' }
  | { readonly kind: 'input' };

/** Where a kernel's channels lie; axes count from the end. */
export interface Kernel {
  readonly name: string;
  readonly inAxis: number | null;
  readonly outAxis: number | null;
}

const kernel = (name = 'kernel', inAxis: number | null = -2, outAxis = -1): Kernel => ({
  name,
  inAxis,
  outAxis
});
const makes = (size: string, of = kernel()): LayerKind => ({ kind: 'makes', size, kernel: of });
const all = (names: string, kind: LayerKind): [string, LayerKind][] =>
  names.split(' ').map(name => [name, kind]);

/** Classes of TensorFlow.js's layers through which channels can be followed. */
const kinds = new Map<string, LayerKind>([
  ...all('Dense', makes('units')),
  ...all('Conv1D Conv2D Conv3D', makes('filters')),
  ...all('Conv2DTranspose Conv3DTranspose', makes('filters', kernel('kernel', -1, -2))),
  ...all('SeparableConv2D', makes('filters', kernel('pointwise_kernel'))),
  ...all('Embedding', makes('output_dim', kernel('embeddings', null))),
  ...all('DepthwiseConv2D', { kind: 'depthwise' }),
  ...all('BatchNormalization LayerNormalization PReLU', { kind: 'scales' }),
  ...all('Add Multiply Average Maximum Minimum', { kind: 'merges' }),
  ...all('Concatenate', { kind: 'concatenates' }),
  ...all('Flatten', { kind: 'flattens' }),
  ...all('Reshape', { kind: 'reshapes' }),
  ...all('InputLayer', { kind: 'input' }),
  ...all('Activation ReLU LeakyReLU ELU ThresholdedReLU', { kind: 'passes' }),
  ...all('Dropout SpatialDropout1D GaussianNoise GaussianDropout AlphaDropout', { kind: 'passes' }),
  ...all('MaxPooling1D MaxPooling2D MaxPooling3D', { kind: 'passes' }),
  ...all('AveragePooling1D AveragePooling2D AveragePooling3D', { kind: 'passes' }),
  ...all('GlobalMaxPooling1D GlobalMaxPooling2D', { kind: 'passes' }),
  ...all('GlobalAveragePooling1D GlobalAveragePooling2D', { kind: 'passes' }),
  ...all('ZeroPadding2D Cropping2D UpSampling2D RepeatVector', { kind: 'passes' })
]);

/**
 * What a layer does with channels.
 * @param className The layer's class, such as `Conv2D`.
 * @param config Its configuration.
 * @returns What it does; or a reason why channels cannot be followed through it.
 */
export function kindOf(
  className: string,
  config: Readonly<Record<string, unknown>>
): LayerKind | string {
  const kind = kinds.get(className);
  if (!kind) return `channels cannot be followed through a layer of class ${className}`;
  if (config.dataFormat === 'channelsFirst') return 'its channels come first; use channelsLast';
  return kind;
}

/**
 * Whether an activation looks at all channels together, so that none may go.
 * @param config Configuration of a layer.
 * @returns A reason, or undefined.
 */
export function comparesChannels(config: Readonly<Record<string, unknown>>): string | undefined {
  const { activation } = config;
  return activation === 'softmax' || activation === 'logSoftmax'
    ? 'its softmax compares all channels'
    : undefined;
}
