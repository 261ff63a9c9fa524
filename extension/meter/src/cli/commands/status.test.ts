import { homeOfEachTest } from '../fixtures/home.ts';

const home = homeOfEachTest('cli-status');
const { joulebook, startDaemon } = home;

describe('with a meter', () => {
  it('status, doctor and top tell what it measures', async () => {
    await startDaemon();
    const status = await joulebook('status');
    expect([status.code, status.out]).toEqual([
      0,
      expect.stringContaining('package (package-0, measured)')
    ]);
    const doctor = await joulebook('doctor');
    expect(doctor.out).toMatch(/✓ +package +package-0 +measured +active +energy_uj/);
    expect(doctor.out).toMatch(/gpu +missing +no such device found/);
    expect(doctor.out).toContain(home.places.history);
    expect((await joulebook('top')).out).toContain('power  12.0 W ± 1.0');
    const top = JSON.parse((await joulebook('top', '--json')).out) as { power: { total: object } };
    expect(top.power.total).toMatchObject({ watts: 12 });
  });
});
