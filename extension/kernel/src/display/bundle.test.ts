import { bundleOf, checkBundle, textOf } from './bundle.ts';

describe('bundleOf', () => {
  it('shows plain values as text without colours', async () => {
    expect(await bundleOf({ a: [1, 'x'] })).toEqual({ 'text/plain': "{ a: [ 1, 'x' ] }" });
  });
  it('runs no getters', async () => {
    const value = {
      get loop(): never {
        throw new Error('ran');
      }
    };
    expect(await bundleOf(value)).toEqual({ 'text/plain': '{ loop: [Getter] }' });
  });
  it('lets an object show itself', async () => {
    const value = { [Symbol.for('Jupyter.display')]: () => ({ 'image/png': new Uint8Array([1]) }) };
    expect(await bundleOf(value)).toEqual({ 'image/png': 'AQ==' });
  });
  it('shows an object whose properties throw', async () => {
    const refuse = (): never => {
      throw new Error('ran');
    };
    const shape = Object.defineProperty({}, 'shape', { get: refuse, enumerable: true });
    expect(await bundleOf(shape)).toEqual({ 'text/plain': '{ shape: [Getter] }' });
    expect(await bundleOf(new Proxy({}, { get: refuse }))).toEqual({ 'text/plain': '{}' });
  });
  it('survives an object that cannot be inspected', () => {
    const value = {
      [Symbol.for('nodejs.util.inspect.custom')]() {
        throw new Error('no');
      }
    };
    expect(textOf(value)).toBe('[a value that cannot be shown: no]');
  });
});

describe('checkBundle', () => {
  it('refuses keys that are no MIME types', () => {
    expect(() => checkBundle({ html: 'x' })).toThrow('got "html"');
  });
});
