import { RetraceWatch } from './retrace.ts';
import { flatten } from './structure.ts';

describe('RetraceWatch', () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  afterEach(() => warn.mockClear());
  afterAll(() => warn.mockRestore());

  it('names the number that changed, once', () => {
    const watch = new RetraceWatch('step');
    for (let i = 0; i < 9; i++) watch.add(flatten([{ rate: i, size: 3 }], 'args'));
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]![0]).toMatch(
      /^step was recorded 5 times.*\(args\[0\]\.rate\).*tf\.scalar/
    );
  });

  it('keeps quiet about other reasons to record', () => {
    const watch = new RetraceWatch('step');
    for (let i = 0; i < 9; i++) watch.add(flatten([`mode ${i}`], 'args'));
    expect(warn).not.toHaveBeenCalled();
  });
});
