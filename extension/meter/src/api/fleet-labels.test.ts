import { fleetLabels } from './fleet-labels.ts';

const tfConfig = (type: string, index: number, chief?: string[]): string =>
  JSON.stringify({ cluster: { chief, worker: ['a:1', 'b:1'] }, task: { type, index } });

describe('labels of a fleet', () => {
  it('name the node alone where no run is known', () => {
    expect(fleetLabels({}, 'n1')).toEqual({ node: 'n1' });
  });

  it('take run and rank from Slurm', () => {
    const env = { SLURM_JOB_ID: '77', SLURM_PROCID: '3' };
    expect(fleetLabels(env, 'n1')).toEqual({ node: 'n1', run: '77', rank: '3' });
  });

  it('take the name given by hand before others, and the node’s name of Kubernetes', () => {
    const env = { JOULEBOOK_RUN: 'night', SLURM_JOB_ID: '77', NODE_NAME: 'k8s-4' };
    expect(fleetLabels(env, 'pod-7')).toEqual({ node: 'k8s-4', run: 'night' });
  });

  it('count a chief as the first worker', () => {
    expect(fleetLabels({ TF_CONFIG: tfConfig('chief', 0, ['c:1']) }, 'n').rank).toBe('0');
    expect(fleetLabels({ TF_CONFIG: tfConfig('worker', 1, ['c:1']) }, 'n').rank).toBe('2');
    expect(fleetLabels({ TF_CONFIG: tfConfig('worker', 1) }, 'n').rank).toBe('1');
  });

  it('have no rank where TF_CONFIG makes no sense', () => {
    expect(fleetLabels({ TF_CONFIG: '{' }, 'n')).toEqual({ node: 'n' });
  });
});
