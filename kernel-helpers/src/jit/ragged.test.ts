import { isRagged } from './ragged.ts';

const recorded = [{ signature: '( float32[128,784] float32[128,10] )' }];

describe('isRagged', () => {
  it('knows a smaller last batch', () => {
    expect(isRagged('( float32[57,784] float32[57,10] )', recorded)).toBe(true);
  });

  it.each([
    ['a larger batch', '( float32[256,784] float32[256,10] )'],
    ['the same batch', '( float32[128,784] float32[128,10] )'],
    ['other features', '( float32[57,783] float32[57,10] )'],
    ['another data type', '( int32[57,784] float32[57,10] )'],
    ['sizes that do not belong together', '( float32[57,784] float32[56,10] )'],
    ['another structure', '( float32[57,784] )'],
    ['scalars', '( float32[] float32[] )']
  ])('does not take %s for one', (_, signature) => {
    expect(isRagged(signature, recorded)).toBe(false);
  });
});
