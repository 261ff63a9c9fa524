import { existsSync } from 'node:fs';
import { homeOfEachTest } from './fixtures/home.ts';

const home = homeOfEachTest('cli');
const { joulebook } = home;

describe('joulebook', () => {
  const commands = [
    'doctor',
    'calibrate',
    'top',
    'run',
    'report',
    'export',
    'sources',
    'serve',
    'status'
  ];

  it('explains itself and each command, which all take --json', async () => {
    const { code, out } = await joulebook('--help');
    expect(code).toBe(0);
    for (const command of [...commands, 'publish', 'verify', 'new'])
      expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
    const helps = await Promise.all(commands.map(command => joulebook(command, '--help')));
    for (const help of helps)
      expect([help.code, help.out]).toEqual([0, expect.stringContaining('--json')]);
  });

  it.each([
    [['fly']],
    [['export', '--format', 'xml']],
    [['export', '--since', 'yesterday']],
    [['run']],
    [['run', '/no/such/notebook.ipynb']],
    [['run', __filename, '--budget', '-1']],
    [['run', __filename, '--greenest', '--within', 'soon']],
    [['status', '--loud']]
  ])('answers the wrong usage %j with code 2 and a word on standard error', async args => {
    const { code, out, err } = await joulebook(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^error: /);
  });

  it('tells with code 1 that no meter runs', async () => {
    const { code, out } = await joulebook('status');
    expect([code, out]).toEqual([1, `not running (nothing at ${home.places.socket})\n`]);
    expect(existsSync(home.places.lock)).toBe(false);
  });
});
