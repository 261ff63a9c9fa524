import { placesOf } from './paths.ts';

describe('placesOf', () => {
  it('follows Jupyter: the home folder, XDG, then its own variables', () => {
    expect(placesOf({ HOME: '/home/a' })).toMatchObject({
      dataDir: '/home/a/.local/share/jupyter',
      runtimeDir: '/home/a/.local/share/jupyter/runtime',
      history: '/home/a/.local/share/jupyter/joulebook/history.sqlite',
      sysfs: '/sys'
    });
    expect(placesOf({ HOME: '/home/a', XDG_DATA_HOME: '/data' }).dataDir).toBe('/data/jupyter');
    const own = placesOf({ JUPYTER_DATA_DIR: '/d', JUPYTER_RUNTIME_DIR: '/r' });
    expect(own).toMatchObject({ dataDir: '/d', socket: '/r/joulebook/meter.sock' });
  });

  it('puts the socket elsewhere when its path would be too long for the system', () => {
    const runtimeDir = `/home/${'x'.repeat(100)}`;
    const { socket, lock } = placesOf({
      JUPYTER_RUNTIME_DIR: runtimeDir,
      XDG_RUNTIME_DIR: '/run/u'
    });
    expect(socket).toMatch(/^\/run\/u\/joulebook-\d+-[0-9a-f]{12}\/meter\.sock$/);
    expect(lock).toBe(`${runtimeDir}/joulebook/meter.lock`);
  });

  it("takes joulebook's own variables as they are", () => {
    const places = placesOf({
      JOULEBOOK_SOCKET: '/s',
      JOULEBOOK_HISTORY: '/h',
      JOULEBOOK_SYSFS: '/tmp/sys',
      JOULEBOOK_METERS: 'shelly=http://plug'
    });
    expect(places).toMatchObject({
      socket: '/s',
      history: '/h',
      sysfs: '/tmp/sys',
      meters: 'shelly=http://plug'
    });
  });
});
