/** Specs of tfjs-core that fail on TensorFlow 2.21, each with its reason. All of them fail with tfjs-node's compiled addon as well. */
export const knownFailures: Readonly<Record<string, string>> = {
  'avgPool3d {} x=[1,1,1,1,1] f=[1,1,3] s=1 p=valid':
    'TensorFlow refuses a window larger than the input; TensorFlow.js returns nothing',
  'avgPool {} gradient x=[3,3,1] f=[3,3] s=1 p=explicit':
    'the spec divides by the whole window, though the forward pass does not count the padding',
  'conv2dTranspose {} input=8x8x8,output=4x4x8,f=8,s=1,inDepth=8,p=same vec4':
    'shapes that do not belong together, which oneDNN refuses',
  'einsum {} 2d matrix calculate trace: duplicate axes not implemented yet':
    'TensorFlow does implement it',
  'einsum {} nonexistent dimension throws error': 'TensorFlow sums over it',
  'maxPoolWithArgmax {} [x=[1,3,3,1] f=[2,2] s=1 ignores NaNs': 'TensorFlow passes NaN on',
  'multinomial {} creates the same data given the same seed':
    'TensorFlow draws on from one call to the next',
  'pool {} max x=[2,2,3] f=[1,1] s=2 p=1 fractional outputs default rounding':
    'the spec expects windows of padding alone to hold values',
  'pool {} avg x=[2,2,3] f=[1,1] s=2 p=1 fractional outputs default rounding':
    'the spec expects windows of padding alone to hold values',
  'raggedGather {} InvalidSplitsNotSorted': 'another wording of TensorFlow',
  'sparseFillEmptyRows {} throw error if negative row': 'another wording of TensorFlow',
  'sparseSegmentMean {} throw error if segment id is out of range': 'another wording of TensorFlow',
  'sparseSegmentMean {} throw error if segment id is out of range and negative':
    'another wording of TensorFlow',
  'sparseSegmentSum {} segments invalid 3': 'another wording of TensorFlow',
  'sparseSegmentSum {} segments invalid 4': 'another wording of TensorFlow',
  'tan {} numbers exceed float32 precision': 'the last bit differs',
  'unique {} 1d tensor with NaN and Infinity': 'each NaN is unique to TensorFlow'
};

/** How many specs pass at least; their number only grows with TensorFlow.js. */
export const leastPassed = 4200;
