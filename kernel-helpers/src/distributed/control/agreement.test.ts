import { Agreement } from './agreement.ts';

describe('the order of operations', () => {
  it('is agreed on however late a worker is', () => {
    const agreement = new Agreement(2);
    expect(agreement.note(0, 1, 'a')).toBeUndefined();
    expect(agreement.note(0, 2, 'b')).toBeUndefined();
    expect(agreement.note(1, 1, 'a')).toBeUndefined();
    expect(agreement.note(1, 2, 'b')).toBeUndefined();
  });

  it('names both workers when they differ', () => {
    const agreement = new Agreement(3);
    agreement.note(2, 7, 'a gather');
    expect(agreement.note(1, 7, 'a sum')).toBe(
      'operation 7 differs: worker 2 starts a gather, worker 1 a sum'
    );
  });
});
