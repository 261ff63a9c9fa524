import type { Scene } from './frozen.ts';

const energy = (joules: number, low: number, high: number, kind = 'measured') => ({
  ...{ joules, low, high, kind }
});

interface Change {
  [key: string]: unknown;
}

/** One execution of the scene's notebook; CPU, memory and GPU take it in the same parts. */
function execution(
  count: number,
  total: ReturnType<typeof energy>,
  seconds: number,
  change: Change
) {
  const part = (domain: string, share: number) => ({
    ...energy(total.joules * share, total.low * share, total.high * share, total.kind),
    ...{ domain, sensor: domain, contained: false }
  });
  const startNs = count * 100e9;
  return {
    id: String(count),
    kernel_id: 'kernel',
    kernel_name: 'joulebook-typescript',
    msg_id: `message-${count}`,
    execution_count: count,
    source_sha256: null,
    notebook: '/scene/pruning.ipynb',
    notebook_path: 'pruning.ipynb',
    cell_id: `cell-${count}`,
    status: 'ok',
    started_at: `@-${400 - 50 * count}`,
    ended_at: `@-${390 - 50 * count}`,
    start_ns: startNs,
    end_ns: startNs + seconds * 1e9,
    policy: 'active',
    total,
    domains: [part('package', 0.82), part('dram', 0.09), part('gpu', 0.09)],
    idle_joules: 40,
    cpu_seconds: seconds * 1.9,
    read_bytes: null,
    written_bytes: null,
    peak_memory_bytes: null,
    gaps: [],
    measures: [],
    ...change
  };
}

const block = (id: string, label: string, joules: number, half: number) => ({
  ...{ id, parent_id: null, label, start_ns: 0, end_ns: joules * 3e7 },
  total: energy(joules, joules - half, joules + half)
});

const running = execution(6, energy(96, 92, 100), 0, {
  ...{ status: 'running', end_ns: null, ended_at: null, started_at: '@-2.56', idle_joules: null }
});

const executions = [
  execution(1, energy(20, 14, 27, 'modelled'), 0.9, {}),
  execution(2, { ...energy(0.2, 0, 0.4), ...{ below: true } }, 0.006, {}),
  execution(3, energy(287, 282, 292), 8.1, {
    measures: [block('a', 'warm-up, 100 iterations', 26, 1), block('b', '900 iterations', 261, 4)]
  }),
  execution(4, energy(8.6, 8.1, 9.1), 0.3, { source_sha256: 'of another source' }),
  execution(5, energy(0.5, 0.1, 0.9), 0.04, { status: 'error' }),
  running
];

/** The run of the day before: the same cells, some of them at another cost. */
const earlier = [24, 0.2, 340, 8.7, 0.5].map((joules, i) => {
  const half = [3, 0.1, 6, 0.5, 0.4][i]!;
  return execution(i + 1, energy(joules, joules - half, joules + half), 1, {
    ...{ id: `before-${i + 1}`, kernel_id: 'the kernel before' },
    ...{ started_at: `@-${86_400 - 50 * i}`, ended_at: `@-${86_399 - 50 * i}` }
  });
});

/** The cells of the scene's notebook. */
export const sceneCells = [
  "import * as tf from '@tensorflow/tfjs'",
  'const X = tf.randomNormal([100, 2])',
  'const { theta } = await gradientDescent(X, y, 1000)',
  'plot(history.loss)',
  'prune(model, { sparsity: 1.2 })',
  'await fit(student, data, { teacher })'
].map((source, index) => ({ id: `cell-${index + 1}`, source }));

/** Power of the last minute: the CPU works, and the other parts a little. */
const power = Array.from({ length: 121 }, (_, i) => {
  const work = 12 + 17 * Math.max(0, Math.sin(i / 14)) + (i > 100 ? 8 : 0);
  const parts = { package: work, dram: 2.4 + work / 30, gpu: 4.7 + work / 30 };
  const total = work + parts.dram + parts.gpu;
  const watts = (value: number) => ({ watts: value, low: value * 0.99, high: value * 1.01 });
  return [
    'power',
    {
      at: `@${(i - 120) / 2}`,
      domains: Object.entries(parts).map(([domain, value]) => ({
        ...{ domain, kind: 'measured' },
        ...watts(value)
      })),
      total: { ...watts(total), kind: 'measured' }
    }
  ] as [string, unknown];
});

const coefficient = {
  year: 2024,
  source: 'a yearly table',
  licence: 'CC BY 4.0',
  kind: 'modelled'
};

/** What a daemon says whose zone is Great Britain, with half-hourly carbon for a day. */
export const impact = {
  zone: 'GB',
  zone_name: 'Great Britain',
  carbon: {
    ...coefficient,
    ...{ id: 'carbon.gb', title: 'Carbon of electricity', value: 184, low: 150, high: 220 },
    ...{ unit: 'g/kWh', basis: 'average', service: 'neso', at: '@-600', age_seconds: 600 },
    note: null
  },
  carbon_year: null,
  carbon_free: null,
  pue: { ...coefficient, id: 'pue', title: 'PUE', value: 1, low: 1, high: 1, unit: '1' },
  wue: { ...coefficient, id: 'wue', title: 'WUE', value: 0, low: 0, high: 0, unit: 'L/kWh' },
  market: null,
  device: null,
  tariff: { value: 0.3, currency: 'GBP' },
  forecast: Array.from({ length: 48 }, (_, i) => ({
    from: `@${i * 1800 - 600}`,
    to: `@${i * 1800 + 1200}`,
    grams_per_kwh: Math.round(160 + 60 * Math.sin(i / 7.6 + 0.6))
  })),
  settings: { zone: 'GB' }
};

const sensor = (id: string, domain: string, kind: string, state: string, detail: string) => ({
  ...{ id, domain, device: id, kind, state, detail }
});

/** A daemon without counters: figures come from the model, and one is missing. */
export const modelledScene = (): Scene => {
  const remedy = 'sudo chmod a+r /sys/class/powercap/intel-rapl:0/energy_uj';
  const sensors = [
    { ...sensor('powercap', 'package', 'measured', 'denied', 'energy_uj: no permission'), remedy },
    sensor('nvml', 'gpu', 'measured', 'absent', 'no NVIDIA driver'),
    sensor('model', 'package', 'modelled', 'active', 'from CPU time; run joulebook calibrate')
  ];
  const missing = { joules: null, low: null, high: null, kind: 'missing', reason: 'suspended' };
  const cells = [
    execution(1, energy(20, 12, 34, 'modelled'), 0.9, {}),
    execution(2, { ...energy(0.2, 0, 1.4, 'modelled'), ...{ below: true } }, 0.006, {}),
    { ...execution(3, energy(0, 0, 0), 8.1, {}), total: missing, domains: [] },
    execution(4, energy(12_400, 8_100, 21_000, 'modelled'), 4_000, {})
  ];
  const watts = { watts: 31, low: 19, high: 52, kind: 'modelled' };
  return {
    replies: {
      ...scene.replies,
      status: { status: 200, body: { ...(scene.replies['status']!.body as object), sensors } },
      executions: { status: 200, body: { executions: cells } },
      impact: { status: 404, body: {} }
    },
    events: [['power', { at: '@0', domains: [{ domain: 'package', ...watts }], total: watts }]]
  };
};

/** A daemon that measured a thousand cells, and their notebook. */
export const thousandScene = (): Scene => ({
  ...scene,
  replies: {
    ...scene.replies,
    executions: {
      status: 200,
      body: {
        executions: Array.from({ length: 1_000 }, (_, i) =>
          execution(i + 1, energy(i + 1, i, i + 2), 1, {
            ...{ started_at: `@-${5_000 - i}`, ended_at: `@-${4_999.5 - i}` }
          })
        )
      }
    }
  }
});

/** A working daemon with a run in progress. */
export const scene: Scene = {
  replies: {
    status: {
      status: 200,
      body: {
        ...{ version: '0.1.0', pid: 1, started_at: '@-900', node: 'v24', policy: 'active' },
        sensors: [
          sensor('rapl', 'package', 'measured', 'active', 'RAPL package 0'),
          sensor('rapl-dram', 'dram', 'measured', 'active', 'RAPL memory'),
          sensor('gpu', 'gpu', 'modelled', 'active', 'modelled from its use')
        ],
        kernels: []
      }
    },
    executions: { status: 200, body: { executions: [...earlier, ...executions] } },
    impact: { status: 200, body: impact },
    settings: { status: 200, body: { policy: 'active', retention_days: 0 } },
    labels: { status: 204, body: null }
  },
  events: [...power, ['progress', running]]
};
