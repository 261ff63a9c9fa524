import { AttributeKind, DataType } from '../runtime/types.ts';
import { withoutPreparations } from './small-products.ts';

const shaped = (...shape: number[]): { shape: number[]; dtype: number } => ({
  shape,
  dtype: DataType.float32
});

function product(isTransposed = false) {
  return {
    name: 'BatchMatMulV2',
    attributes: [
      { name: 'T', type: AttributeKind.type, value: DataType.float32 },
      { name: 'adj_x', type: AttributeKind.bool, value: false },
      { name: 'adj_y', type: AttributeKind.bool, value: isTransposed }
    ]
  };
}

describe('withoutPreparations', () => {
  it('names the version of a small product that oneDNN does not know, with all its types', () => {
    const { name, attributes } = withoutPreparations(product(), [shaped(32, 64), shaped(64, 256)]);
    expect(name).toBe('BatchMatMulV3');
    expect(attributes.map(attribute => attribute.name)).toEqual([
      'Ta',
      'Tb',
      'Tout',
      'adj_x',
      'adj_y'
    ]);
  });

  it('leaves large products to oneDNN, whichever way they lie', () => {
    const large = product();
    expect(withoutPreparations(large, [shaped(128, 784), shaped(784, 300)])).toBe(large);
    const transposed = product(true);
    expect(withoutPreparations(transposed, [shaped(1024, 64), shaped(256, 64)])).toBe(transposed);
    expect(withoutPreparations(transposed, [shaped(1024, 64), shaped(32, 64)]).name).toBe(
      'BatchMatMulV3'
    );
  });

  it('leaves other operations and types as they are', () => {
    const added = { name: 'AddV2', attributes: [] };
    expect(withoutPreparations(added, [shaped(2), shaped(2)])).toBe(added);
    const low = product();
    const half = { shape: [2, 2], dtype: DataType.bfloat16 };
    expect(withoutPreparations(low, [half, half])).toBe(low);
  });
});
