/**
 * Whether arguments are a smaller last batch: like those of a recording, but for a first axis that is shorter by the same amount everywhere.
 * @param signature What the arguments look like.
 * @param recordings What is recorded.
 * @returns True when one of the recordings fits but for the size of the batch.
 */
export function isRagged(signature: string, recordings: readonly { signature: string }[]): boolean {
  return recordings.some(recording => isSmallerBatch(signature, recording.signature));
}

function isSmallerBatch(signature: string, other: string): boolean {
  const [words, others] = [signature.split(' '), other.split(' ')];
  if (words.length !== others.length) return false;
  const changes = new Set<string>();
  for (let i = 0; i < words.length; i++) {
    if (words[i] === others[i]) continue;
    const [mine, theirs] = [batchOf(words[i]!), batchOf(others[i]!)];
    if (!mine || !theirs || mine.rest !== theirs.rest || mine.size >= theirs.size) return false;
    changes.add(`${mine.size} of ${theirs.size}`);
  }
  return changes.size === 1;
}

function batchOf(word: string): { size: number; rest: string } | undefined {
  const found = /^(.*\[)(\d+)((?:,\d+)*\])$/.exec(word);
  return found ? { size: Number(found[2]), rest: `${found[1]}${found[3]}` } : undefined;
}
