export { layersFiles } from './layers-files.ts';
export { decodeSafetensors, encodeSafetensors, type NamedTensors } from './safetensors.ts';
export { decodeTree, encodeTree } from './tree-file.ts';
