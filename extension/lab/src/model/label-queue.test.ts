import type { Label } from '../api/types';
import { LabError } from '../errors';
import { LabelQueue } from './label-queue';

const label = (id: number): Label => ({ msg_id: `m${id}`, notebook: 'a.ipynb', cell_id: `c${id}` });

describe('LabelQueue', () => {
  it('sends the labels of one turn together', async () => {
    const batches: Label[][] = [];
    const queue = new LabelQueue(labels => Promise.resolve(void batches.push(labels)));
    queue.add(label(1));
    queue.add(label(2));
    await queue.flush();
    expect(batches.map(batch => batch.length)).toEqual([2]);
  });
  it('loses none while the daemon is away', async () => {
    let away = true;
    const taken: string[] = [];
    const queue = new LabelQueue(labels => {
      if (away) return Promise.reject(new Error('away'));
      taken.push(...labels.map(l => l.msg_id));
      return Promise.resolve();
    });
    queue.add(label(1));
    await queue.flush();
    queue.add(label(2));
    await queue.flush();
    expect(queue.size).toBe(2);
    away = false;
    await queue.flush();
    expect(taken).toEqual(['m1', 'm2']);
    expect(queue.size).toBe(0);
  });
  it('lets go of a refused label alone, and says so', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const taken: string[] = [];
    const queue = new LabelQueue(labels => {
      const ids = labels.map(l => l.msg_id);
      if (ids.includes('m3')) return Promise.reject(new LabError('api/bad-request', 'm3 is bad'));
      return Promise.resolve(void taken.push(...ids));
    });
    for (let id = 1; id <= 5; id++) queue.add(label(id));
    await queue.flush();
    expect(taken).toEqual(['m1', 'm2', 'm4', 'm5']);
    expect(queue.size).toBe(0);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });
  it('sends at most a thousand at a time', async () => {
    const sizes: number[] = [];
    const queue = new LabelQueue(labels => Promise.resolve(void sizes.push(labels.length)));
    for (let i = 0; i < 1_500; i++) queue.add(label(i));
    await queue.flush();
    expect(sizes).toEqual([1_000, 500]);
  });
});
