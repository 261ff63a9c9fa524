/**
 * Trees of tensors and Layers models as files.
 * @module
 */
export { layersFiles } from './layers-files.ts';
export { decodeSafetensors, encodeSafetensors, type NamedTensors } from './safetensors.ts';
export { decodeTree, encodeTree } from './tree-file.ts';
