import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readCalibration } from '../../sensors/model.ts';
import { homeOfEachTest } from '../fixtures/home.ts';

const home = homeOfEachTest('cli-calibrate');
const { joulebook, startDaemon } = home;

describe('joulebook calibrate', () => {
  it('fits the model to readings typed in, for the meter to use', async () => {
    await startDaemon();
    const child = spawn(
      process.execPath,
      home.commandLine('calibrate', '--wall', '--seconds', '0.2', '--json'),
      { env: home.environment, stdio: ['pipe', 'pipe', 'pipe'] }
    );
    let [out, asked, watts] = ['', 0, 20];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('watts at the wall now')) {
        child.stdin.write(`${(watts += 5)}\n`);
        asked++;
      }
    });
    expect(await once(child, 'close')).toEqual([0, null]);
    const model = JSON.parse(out) as { points: object[]; relativeHigh: number };
    expect(model.points).toHaveLength(asked);
    expect(model.relativeHigh).toBeGreaterThanOrEqual(2);
    expect(readCalibration(home.places.calibration)?.idleWatts).toBe(25);
  });

  it('says what is missing when power does not grow with load', async () => {
    await startDaemon();
    const { code, err } = await joulebook('calibrate', '--seconds', '0.2');
    expect(code).toBe(1);
    expect(err).toMatch(/error: (expected power|no reading)/);
    expect(existsSync(home.places.calibration)).toBe(false);
  });
});
