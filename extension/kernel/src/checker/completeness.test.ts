import { isComplete } from './completeness.ts';

describe('isComplete', () => {
  it.each(['1 + 1', 'const a = 1', 'function f() {}', '// only a comment', ''])(
    'takes %j as complete',
    code => expect(isComplete(code).status).toBe('complete')
  );
  it.each(['f(', 'if (a) {', 'const a =', '`open', '/* open', 'a +'])(
    'waits for more after %j',
    code => expect(isComplete(code).status).toBe('incomplete')
  );
  it.each(['const const = 1', 'f(1))', 'let = = 2'])('finds %j invalid', code =>
    expect(isComplete(code).status).toBe('invalid')
  );
  it('indents after an opening bracket, and keeps the indent of the line', () => {
    expect(isComplete('class A {\n  m() {').indent).toBe('    ');
    expect(isComplete('f(\n   a,').indent).toBe('   ');
  });
});
