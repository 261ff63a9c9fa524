import { execution } from '../store/fixtures/executions.ts';
import { serveApi, type ServedApi } from './fixtures/served-api.ts';

let api: ServedApi;
beforeEach(async () => {
  api = await serveApi();
});
afterEach(() => api.end());

describe('metrics', () => {
  it('count joules by kernel, notebook and domain, without what lies inside another domain', async () => {
    const [domain] = execution(1).domains;
    if (domain === undefined) throw new Error('expected a domain');
    const core = { ...domain, domain: 'core' as const, contained: true };
    api.meter.emit('finished', execution(1, { domains: [domain, core] }));
    api.meter.emit('finished', execution(21));
    const { text, headers } = await api.raw('/metrics');
    expect(headers['content-type']).toContain('version=0.0.4');
    const lines = text.split('\n');
    const kernel = 'kernel_id="kernel-1",kernel_name="python3",kind="measured"';
    expect(lines).toContain(`joulebook_kernel_energy_joules_total{${kernel}} 24`);
    expect(lines).toContain('joulebook_energy_joules_total{domain="package",kind="measured"} 24');
    const notebook = 'notebook="/home/ada/notebook-1.ipynb",kind="measured"';
    expect(lines).toContain(`joulebook_notebook_energy_joules_total{${notebook}} 24`);
    expect(lines).toContain('joulebook_power_watts{domain="package",kind="measured"} 12');
    expect(text).not.toContain('domain="core"');
  });

  it('stay bounded however many kernels and notebooks there are', async () => {
    for (let n = 0; n < 600; n++) {
      api.meter.emit('finished', execution(n, { kernel_id: `k${n}`, notebook: `/${n}.ipynb` }));
    }
    const { text } = await api.raw('/metrics');
    const count = (name: string) => text.split('\n').filter(line => line.startsWith(name)).length;
    expect(count('joulebook_kernel_energy_joules_total{')).toBe(501);
    expect(count('joulebook_notebook_energy_joules_total{')).toBe(501);
  });
});
