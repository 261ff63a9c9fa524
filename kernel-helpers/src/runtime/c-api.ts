import type { Calls, Declaration } from './declarations.ts';

/** Status, buffers, tensors and their handles. */
const tensors = {
  TF_Version: ['text'],
  TF_NewStatus: ['address'],
  TF_DeleteStatus: ['void', 'address'],
  TF_GetCode: ['int', 'address'],
  TF_Message: ['text', 'address'],
  TF_SetStatus: ['void', 'address', 'int', 'text'],
  TF_NewBuffer: ['address'],
  TF_DeleteBuffer: ['void', 'address'],
  TF_AllocateTensor: ['address', 'int', 'memory', 'int', 'size'],
  TF_TensorData: ['address', 'address'],
  TF_TensorByteSize: ['size', 'address'],
  TF_DeleteTensor: ['void', 'address'],
  TF_StringInit: ['void', 'address'],
  TF_StringCopy: ['void', 'address', 'memory', 'size'],
  TF_StringGetSize: ['size', 'address'],
  TF_StringGetDataPointer: ['address', 'address'],
  TFE_NewTensorHandle: ['address', 'address', 'address'],
  TFE_DeleteTensorHandle: ['void', 'address'],
  TFE_TensorHandleCopySharingTensor: ['address', 'address', 'address'],
  TFE_TensorHandleDataType: ['int', 'address'],
  TFE_TensorHandleNumDims: ['int', 'address', 'address'],
  TFE_TensorHandleDim: ['long', 'address', 'int', 'address'],
  TFE_TensorHandleResolve: ['address', 'address', 'address'],
  TFE_TensorHandleCopyToDevice: ['address', 'address', 'address', 'address', 'address']
} as const satisfies Record<string, Declaration>;

/** The eager context and operations run at once. */
const eager = {
  TFE_NewContextOptions: ['address'],
  TFE_DeleteContextOptions: ['void', 'address'],
  TFE_ContextOptionsSetConfig: ['void', 'address', 'memory', 'size', 'address'],
  TFE_ContextOptionsSetDevicePlacementPolicy: ['void', 'address', 'int'],
  TFE_NewContext: ['address', 'address', 'address'],
  TFE_DeleteContext: ['void', 'address'],
  TFE_ContextListDevices: ['address', 'address', 'address'],
  TF_DeleteDeviceList: ['void', 'address'],
  TF_DeviceListCount: ['int', 'address'],
  TF_DeviceListName: ['text', 'address', 'int', 'address'],
  TF_DeviceListType: ['text', 'address', 'int', 'address'],
  TFE_ContextAddFunction: ['void', 'address', 'address', 'address'],
  TFE_ContextRemoveFunction: ['void', 'address', 'text', 'address'],
  TFE_ContextGetFunctionDef: ['void', 'address', 'text', 'address', 'address'],
  TFE_ContextAddFunctionDef: ['void', 'address', 'memory', 'size', 'address'],
  TFE_NewOp: ['address', 'address', 'address', 'address'],
  TFE_DeleteOp: ['void', 'address'],
  TFE_OpReset: ['void', 'address', 'address', 'address', 'address'],
  TFE_OpAddInput: ['void', 'address', 'address', 'address'],
  TFE_OpSetAttrString: ['void', 'address', 'address', 'memory', 'size'],
  TFE_OpSetAttrInt: ['void', 'address', 'address', 'long'],
  TFE_OpSetAttrFloat: ['void', 'address', 'address', 'float'],
  TFE_OpSetAttrBool: ['void', 'address', 'address', 'byte'],
  TFE_OpSetAttrType: ['void', 'address', 'address', 'int'],
  TFE_OpSetAttrShape: ['void', 'address', 'address', 'memory', 'int', 'address'],
  TFE_OpSetAttrIntList: ['void', 'address', 'address', 'memory', 'int'],
  TFE_OpSetAttrFloatList: ['void', 'address', 'address', 'memory', 'int'],
  TFE_OpSetAttrBoolList: ['void', 'address', 'address', 'memory', 'int'],
  TFE_OpSetAttrStringList: ['void', 'address', 'address', 'memory', 'memory', 'int'],
  TFE_Execute: ['void', 'address', 'memory', 'memory', 'address']
} as const satisfies Record<string, Declaration>;

/** Operations between processes. */
const collectives = {
  TFE_EnableCollectiveOps: ['void', 'address', 'memory', 'size', 'address'],
  TFE_AbortCollectiveOps: ['void', 'address', 'address'],
  TFE_OpSetDevice: ['void', 'address', 'address', 'address']
} as const satisfies Record<string, Declaration>;

/** Graphs, functions made of them, and sessions of SavedModels. */
const graphs = {
  TF_NewGraph: ['address'],
  TF_DeleteGraph: ['void', 'address'],
  TF_NewOperation: ['address', 'address', 'text', 'text'],
  TF_FinishOperation: ['address', 'address', 'address'],
  TF_AddInput: ['void', 'address', 'output'],
  TF_AddInputList: ['void', 'address', 'memory', 'int'],
  TF_AddControlInput: ['void', 'address', 'address'],
  TF_SetAttrString: ['void', 'address', 'text', 'memory', 'size'],
  TF_SetAttrInt: ['void', 'address', 'text', 'long'],
  TF_SetAttrFloat: ['void', 'address', 'text', 'float'],
  TF_SetAttrBool: ['void', 'address', 'text', 'byte'],
  TF_SetAttrType: ['void', 'address', 'text', 'int'],
  TF_SetAttrTypeList: ['void', 'address', 'text', 'memory', 'int'],
  TF_SetAttrFuncName: ['void', 'address', 'text', 'text', 'size'],
  TF_SetAttrShape: ['void', 'address', 'text', 'memory', 'int'],
  TF_SetAttrIntList: ['void', 'address', 'text', 'memory', 'int'],
  TF_SetAttrFloatList: ['void', 'address', 'text', 'memory', 'int'],
  TF_SetAttrBoolList: ['void', 'address', 'text', 'memory', 'int'],
  TF_SetAttrStringList: ['void', 'address', 'text', 'memory', 'memory', 'int'],
  TF_SetAttrTensor: ['void', 'address', 'text', 'address', 'address'],
  TF_OperationNumOutputs: ['int', 'address'],
  TF_OperationOutputType: ['int', 'output'],
  TF_GraphGetTensorNumDims: ['int', 'address', 'output', 'address'],
  TF_GraphGetTensorShape: ['void', 'address', 'output', 'memory', 'int', 'address'],
  TF_GraphSetTensorShape: ['void', 'address', 'output', 'memory', 'int', 'address'],
  TF_GraphGetOpDef: ['void', 'address', 'text', 'address', 'address'],
  TF_GraphCopyFunction: ['void', 'address', 'address', 'address', 'address'],
  TF_GraphToFunctionWithControlOutputs: [
    'address',
    'address',
    'text',
    'byte',
    'int',
    'address',
    'int',
    'memory',
    'int',
    'memory',
    'address',
    'int',
    'memory',
    'address',
    'address',
    'text',
    'address'
  ],
  TF_DeleteFunction: ['void', 'address'],
  TF_GraphOperationByName: ['address', 'address', 'text'],
  TF_NewSessionOptions: ['address'],
  TF_DeleteSessionOptions: ['void', 'address'],
  TF_LoadSessionFromSavedModel: [
    'address',
    'address',
    'address',
    'text',
    'memory',
    'int',
    'address',
    'address',
    'address'
  ],
  TF_DeleteSession: ['void', 'address', 'address'],
  TF_SessionRun: [
    'void',
    'address',
    'address',
    'memory',
    'memory',
    'int',
    'memory',
    'memory',
    'int',
    'address',
    'int',
    'address',
    'address'
  ]
} as const satisfies Record<string, Declaration>;

/** What loads and pins a library, and memory that lives as long as the process. */
export const libcDeclarations = {
  malloc: ['address', 'size'],
  dlopen: ['address', 'text', 'int']
} as const satisfies Record<string, Declaration>;

/** Tunes the memory allocator; Linux has it. */
export const malloptDeclarations = {
  mallopt: ['int', 'int', 'int']
} as const satisfies Record<string, Declaration>;

/** Copies JavaScript's memory to an address. */
export const copyToDeclarations = {
  memcpy: ['void', 'address', 'memory', 'size']
} as const satisfies Record<string, Declaration>;

/** Copies from an address into JavaScript's memory. */
export const copyFromDeclarations = {
  memcpy: ['void', 'memory', 'address', 'size']
} as const satisfies Record<string, Declaration>;

/** Runs an operation whose results go to memory of C. */
export const executeDeclarations = {
  TFE_Execute: ['void', 'address', 'address', 'address', 'address']
} as const satisfies Record<string, Declaration>;

/** Every function of TensorFlow's C API that joulebook calls. */
export const tensorflowDeclarations = { ...tensors, ...eager, ...collectives, ...graphs };

/** TensorFlow's C API. */
export type CApi = Calls<typeof tensorflowDeclarations>;
