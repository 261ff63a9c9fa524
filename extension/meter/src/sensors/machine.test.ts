import { parseProcessor } from './machine.ts';

const cpuinfo = (places: readonly (readonly [socket: number, core: number])[]) =>
  places
    .map(
      ([socket, core], i) => `processor\t: ${i}\nphysical id\t: ${socket}\ncore id\t\t: ${core}\n`
    )
    .join('\n');

describe('parseProcessor', () => {
  it('counts two threads of a core as one core, and equal numbers on two sockets as two', () => {
    const hyperthreaded = [
      [0, 0],
      [0, 1],
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 0]
    ] as const;
    expect(parseProcessor(cpuinfo(hyperthreaded))).toMatchObject({ threads: 6, cores: 3 });
  });

  it('takes every thread for a core where the system does not tell', () => {
    const arm = 'processor\t: 0\nCPU part\t: 0xd4f\n\nprocessor\t: 1\nCPU part\t: 0xd4f\n';
    expect(parseProcessor(arm)).toMatchObject({ threads: 2, cores: 2 });
  });
});
