import { isUnsupported, unsupportedOperations } from './xla.ts';

const unsupported =
  "Detected unsupported operations when trying to compile graph jit_f_0 on XLA_CPU_JIT: CropAndResize (No registered 'CropAndResize' OpKernel for XLA_CPU_JIT devices compatible with node {{node CropAndResize_4}})";

describe("XLA's messages", () => {
  it('tell what it cannot compile from what is wrong', () => {
    expect(isUnsupported(unsupported)).toBe(true);
    expect(isUnsupported('Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3]')).toBe(false);
    expect(isUnsupported('OOM when allocating tensor with shape[9]')).toBe(false);
  });

  it('name the operations, each once', () => {
    expect(unsupportedOperations(unsupported)).toEqual(['CropAndResize']);
    expect(unsupportedOperations('nothing named')).toEqual([]);
  });
});
