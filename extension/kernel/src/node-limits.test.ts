import { nodeLimits, nodeRefusal } from './node-limits.ts';

describe('nodeRefusal', () => {
  it.each(['18.20.1', '20.9.0'])('refuses Node %s and says what to do', version => {
    expect(nodeRefusal(version)).toContain(`Node ${version} is too old`);
    expect(nodeRefusal(version)).toContain('JOULEBOOK_NODE');
  });
  it.each(['20.17.0', '22.15.0', '24.1.0', '26.0.0'])('takes Node %s', version =>
    expect(nodeRefusal(version)).toBeUndefined()
  );
});

describe('nodeLimits', () => {
  it('has nothing to say on the Node that the kernel is made for', () => {
    expect(nodeLimits()).toEqual([]);
  });
});
