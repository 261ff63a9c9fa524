import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LoadSlice, PowerFilter } from './power-filter.ts';
import { chooseTheta } from './theta.ts';

interface Session {
  cores: number;
  history: number;
  seconds: number[];
  energy: number[];
  cpuKernel: number[];
  cpuOther: number[];
  theta: number;
  est: number;
  sd: number;
  nis: number;
}

const fixtures = join(__dirname, '../../../../test/reference/estimator/fixtures');
const sessions = JSON.parse(readFileSync(join(fixtures, 'attribution.json'), 'utf8')) as Session[];

const relative = (ours: number, theirs: number) => Math.abs(ours - theirs) / Math.abs(theirs);

function slicesOf(session: Session): LoadSlice[] {
  return session.seconds.map((seconds, i) => ({
    seconds,
    joules: session.energy[i]!,
    kernels: new Map([['k', session.cpuKernel[i]!]]),
    other: session.cpuOther[i]!
  }));
}

function sumOf(slices: LoadSlice[]): LoadSlice {
  const sum = { seconds: 0, joules: 0, other: 0, kernel: 0 };
  for (const slice of slices) {
    sum.seconds += slice.seconds;
    sum.joules += slice.joules;
    sum.other += slice.other;
    sum.kernel += slice.kernels.get('k')!;
  }
  return { ...sum, kernels: new Map([['k', sum.kernel]]) };
}

describe('PowerFilter', () => {
  it.each(sessions.map((session, i) => [i, session] as const))(
    'splits the window of session %i as the reference does, within 1e-9',
    (_, session) => {
      const slices = slicesOf(session);
      const past = slices.map(({ kernels, ...slice }) => ({ ...slice, kernel: kernels.get('k')! }));
      expect(chooseTheta(past, session.history, session.cores)).toBe(session.theta);
      const filter = new PowerFilter(session.theta, session.cores);
      const started = new Set(['k']);
      slices.forEach((slice, i) =>
        filter.learn(slice, i === session.history ? started : undefined)
      );
      const window = slices.slice(session.history);
      const crowded = sumOf(window.map(slice => filter.crowd(slice)));
      const { kernels } = filter.read({ ...sumOf(window), crowded });
      const { joules, sd } = kernels.get('k')!;
      expect(relative(joules, session.est)).toBeLessThan(1e-9);
      expect(relative(sd, session.sd)).toBeLessThan(1e-9);
      expect(relative(filter.surprise, session.nis)).toBeLessThan(1e-9);
    }
  );
});
