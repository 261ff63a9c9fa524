import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { SensorStatus } from '../execution.ts';
import { absentSources } from './absent.ts';

describe('absentSources', () => {
  let sysfs: string;
  beforeEach(() => {
    sysfs = mkdtempSync(join(tmpdir(), 'absent-'));
  });
  afterEach(() => rmSync(sysfs, { recursive: true }));

  const card = (vendor: string, kind: string) => {
    const folder = join(sysfs, 'bus/pci/devices/0000:01:00.0');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'vendor'), `${vendor}\n`);
    writeFileSync(join(folder, 'class'), `${kind}\n`);
  };
  const told = (id: string, domain: SensorStatus['domain']): SensorStatus => ({
    ...{ id, domain, device: id, kind: 'measured', state: 'active', detail: '' }
  });

  it('says what was looked for, and the step that may bring it', () => {
    const absent = absentSources([told('model:package', 'package')], { sysfs, virtual: false });
    expect(absent.map(({ domain, state, remedy }) => [domain, state, remedy])).toEqual([
      ['package', 'absent', 'sudo modprobe intel_rapl_msr'],
      ['gpu', 'absent', undefined],
      ['wall', 'absent', expect.stringContaining('JOULEBOOK_METERS')]
    ]);
  });

  it('sends nobody on a virtual machine after a module that cannot help', () => {
    const [counters] = absentSources([], { sysfs, virtual: true });
    expect(counters).not.toHaveProperty('remedy');
    expect(counters?.detail).toContain('virtual machine');
  });

  it('says that a container hides the counters, whose links then lead nowhere', () => {
    const root = join(sysfs, 'class/powercap');
    mkdirSync(root, { recursive: true });
    symlinkSync(
      '../../devices/virtual/powercap/intel-rapl/intel-rapl:0',
      join(root, 'intel-rapl:0')
    );
    const [counters] = absentSources([], { sysfs, virtual: false });
    expect(counters?.detail).toContain('hidden from this container');
    expect(counters?.remedy).toContain('privileged');
    mkdirSync(join(sysfs, 'devices/virtual/powercap/intel-rapl/intel-rapl:0'), { recursive: true });
    expect(absentSources([], { sysfs, virtual: false })[0]?.remedy).toContain('modprobe');
  });

  it('does not pass over an NVIDIA card without its driver', () => {
    card('0x10de', '0x030200');
    const [gpu] = absentSources([told('perf:energy-pkg:0', 'package')], { sysfs, virtual: false });
    expect(gpu).toMatchObject({ domain: 'gpu', state: 'failing' });
    expect(gpu?.remedy).toContain('--gpus all');
    card('0x10de', '0x040300');
    expect(absentSources([], { sysfs, virtual: false })[1]?.state).toBe('absent');
  });

  it('says nothing of sources that told of themselves, also where they are refused', () => {
    const found = [
      { ...told('powercap:intel-rapl:0', 'package'), state: 'denied' as const },
      told('nvml:GPU-1', 'gpu'),
      told('shelly:plug:wall', 'wall')
    ];
    expect(absentSources(found, { sysfs, virtual: false })).toEqual([]);
  });
});
