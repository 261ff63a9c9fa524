import { running } from '../../store/fixtures/executions.ts';
import type { Kernel } from '../../execution.ts';
import { screenOf } from './screen.ts';

const power = {
  at: '2026-01-01T00:00:00Z',
  domains: [{ domain: 'package', watts: 12, low: 11, high: 13, kind: 'measured' }],
  total: { watts: 12, low: 11, high: 13, kind: 'measured' }
} as const;

const kernel = (id: string, changes: Partial<Kernel> = {}): Kernel => ({
  kernel_id: id,
  kernel_name: 'python3',
  connection_file: `/run/kernel-${id}.json`,
  pid: 1,
  notebook: `/home/ada/${id}.ipynb`,
  state: 'idle',
  watts: null,
  remote: false,
  ...changes
});

describe('screenOf', () => {
  it('shows power, then kernels, the hungriest first, with the running cell', () => {
    const kernels = [kernel('idle'), kernel('busy', { state: 'busy', watts: 7.25 })];
    const cell = running(1, { kernel_id: 'busy', execution_count: 3 });
    const state = { power: { ...power, domains: [...power.domains] }, kernels };
    const lines = screenOf({ ...state, running: new Map([['busy', cell]]) }, 120, 30);
    expect(lines.slice(0, 2)).toEqual(['power  12.0 W ± 1.0', '  package  12.0 W ± 1.0']);
    expect(lines[4]).toMatch(/^python3 +busy\.ipynb +busy +7\.\d W +\[3\] .* 2\.00 J ± 0\.10$/);
    expect(lines[5]).toMatch(/^python3 +idle\.ipynb +idle$/);
  });

  it('says that a kernel is on another host', () => {
    const state = { power: { ...power, domains: [] }, kernels: [kernel('far', { remote: true })] };
    expect(screenOf({ ...state, running: new Map() }, 120, 30).at(-1)).toContain(
      'not on this host'
    );
  });

  it('never has more lines than the terminal', () => {
    const kernels = Array.from({ length: 100 }, (_, n) => kernel(`k${n}`));
    const state = { power: { ...power, domains: [] }, kernels, running: new Map() };
    expect(screenOf(state, 80, 24)).toHaveLength(24);
  });
});
