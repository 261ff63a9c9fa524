import { DataType } from '../runtime/types.ts';
import { convolutionProducts } from './convolutions.ts';

const shaped = (...shape: number[]): { shape: number[]; dtype: number } => ({
  shape,
  dtype: DataType.float32
});

describe('convolutionProducts', () => {
  const [x, filter, y] = [shaped(8, 28, 28, 3), shaped(5, 5, 3, 16), shaped(8, 24, 24, 16)];
  // Each of the outputs sums up one product for each number of its window.
  const products = 8 * 24 * 24 * 16 * (5 * 5 * 3);

  it('counts a window of products for each output', () => {
    expect(convolutionProducts('Conv2D', [x, filter], y)).toBe(products);
  });

  it('finds as many in the gradients', () => {
    const sizes = shaped(4);
    expect(convolutionProducts('Conv2DBackpropInput', [sizes, filter, y], x)).toBe(products);
    expect(convolutionProducts('Conv2DBackpropFilter', [x, sizes, y], filter)).toBe(products);
  });

  it('counts none of a lower precision', () => {
    const low = { ...y, dtype: DataType.bfloat16 };
    expect(convolutionProducts('Conv2D', [x, filter], low)).toBe(0);
  });

  it('finds none in what is no convolution', () => {
    expect(convolutionProducts('MatMul', [shaped(2, 3), shaped(3, 4)], shaped(2, 4))).toBe(0);
  });
});
