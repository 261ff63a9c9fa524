import { HelperError } from '../errors.ts';

/**
 * The nodes of Slurm's compact list.
 * @param list Such as `gpu[01-03,7],login`.
 * @returns Their names, zeros kept: `gpu01`, `gpu02`, `gpu03`, `gpu7`, `login`.
 * @throws HelperError `distributed/cluster` for brackets that do not match or a range that runs backwards.
 * @see Slurm, "scontrol show hostnames"
 */
export function expandNodes(list: string): string[] {
  const parts = list.match(/(?:[^,[\]]|\[[^\]]*\])+/g) ?? [];
  if (parts.join(',') !== list) throw unreadable('list of nodes', list);
  return parts.flatMap(part => expandPart(part, list));
}

/**
 * How many tasks each node runs.
 * @param text Slurm's form, such as `2(x3),1`.
 * @returns One number a node: 2, 2, 2, 1.
 * @throws HelperError `distributed/cluster` for any other form.
 */
export function expandTasks(text: string): number[] {
  return text.split(',').flatMap(part => {
    const [, tasks, nodes] = /^(\d+)(?:\(x(\d+)\))?$/.exec(part) ?? [];
    if (tasks === undefined) throw unreadable('tasks per node', text);
    return Array<number>(Number(nodes ?? 1)).fill(Number(tasks));
  });
}

function expandPart(part: string, list: string): string[] {
  const [, before, ranges, after] = /^([^[]*)\[([^\]]*)\](.*)$/.exec(part) ?? [];
  if (ranges === undefined) return [part];
  const ends = expandPart(after ?? '', list);
  return ranges
    .split(',')
    .flatMap(range => expandRange(range, list))
    .flatMap(number => ends.map(end => `${before}${number}${end}`));
}

function expandRange(range: string, list: string): string[] {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
  const count = Number(last) - Number(first) + 1;
  if (first === undefined || !(count >= 1 && count <= 65_536))
    throw unreadable('list of nodes', list);
  return Array.from({ length: count }, (_, i) =>
    String(Number(first) + i).padStart(first.length, '0')
  );
}

function unreadable(what: string, text: string): HelperError {
  return new HelperError('distributed/cluster', `cannot read Slurm's ${what} "${text}"`);
}
