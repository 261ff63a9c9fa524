import { untestedWarning } from './version.ts';

describe('untestedWarning', () => {
  it('names a version that the tests do not know', () => {
    expect(untestedWarning('2.30.1', '/opt/tensorflow')).toMatch(
      /2\.30\.1 in \/opt\/tensorflow.*untested/
    );
    expect(untestedWarning('2.2.1', '/opt')).toBeDefined();
  });

  it('is silent for the one they know', () => {
    expect(untestedWarning('2.21.3', '/opt')).toBeUndefined();
  });
});
