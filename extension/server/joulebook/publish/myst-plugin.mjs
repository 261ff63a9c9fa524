// For Jupyter Book 2 and mystmd: what each cell cost, below its code, and the page's total at its end.
// In myst.yml:  project: { plugins: [path/to/myst-plugin.mjs] }; `joulebook publish --myst-plugin` prints the path.

/** The decimal place of the last digit that a half width above 0 allows (JCGM 100:2008, 7.2.6). */
function lastPlace(half) {
  const [mantissa, exponent] = half.toExponential(6).split('e');
  return Number(exponent) - (mantissa.startsWith('1') ? 1 : 0);
}

function toPlace(value, place) {
  if (place > 0) return String(Math.round(value / 10 ** place) * 10 ** place);
  return value.toFixed(Math.min(-place, 12));
}

/** An energy in words, null when there is none: a stranger's notebook may hold anything. */
function textOf(energy) {
  const { joules, low, high, kind, below } = energy ?? {};
  if (![joules, low, high].every(value => Number.isFinite(value))) return null;
  if (kind !== 'measured' && kind !== 'modelled') return null;
  if (below === true) return `< ${toPlace(high, lastPlace(Math.max(high, 1e-9)))} J`;
  const half = (high - low) / 2;
  const place = half > 0 ? lastPlace(half) : -2;
  const [value, from, to] = [joules, low, high].map(each => toPlace(each, place));
  return kind === 'modelled'
    ? `about ${value} J (${from} to ${to}, modelled)`
    : `${value} J ± ${toPlace(half, place)}, measured`;
}

/** As the command line adds: errors of measured values are independent, those of modelled ones common. */
function sumOf(energies) {
  const sum = { joules: 0, down: 0, up: 0, squares: [0, 0], kind: 'measured' };
  for (const { joules, low, high, kind } of energies) {
    sum.joules += joules;
    if (kind === 'modelled') {
      sum.kind = kind;
      sum.down += joules - low;
      sum.up += high - joules;
    } else {
      sum.squares[0] += (joules - low) ** 2;
      sum.squares[1] += (high - joules) ** 2;
    }
  }
  const { joules, down, up, squares, kind } = sum;
  const low = joules - Math.hypot(down, Math.sqrt(squares[0]));
  return { joules, low, high: joules + Math.hypot(up, Math.sqrt(squares[1])), kind };
}

function cellsOf(node) {
  if (node.type === 'block' && node.kind === 'notebook-code') return [node];
  return (node.children ?? []).flatMap(cellsOf);
}

const paragraph = value => ({
  type: 'paragraph',
  class: 'joulebook-badge',
  children: [{ type: 'text', value }]
});

function addEnergy(tree) {
  const known = [];
  for (const cell of cellsOf(tree)) {
    const written = cell.data?.joulebook;
    const energy = written?.total ?? written;
    const text = textOf(energy);
    if (text === null) continue;
    known.push(energy);
    const after = cell.children.findIndex(({ type }) => type === 'code') + 1;
    cell.children.splice(after, 0, paragraph(`Energy of this cell: ${text}`));
  }
  if (known.length === 0) return;
  const total = paragraph(`Energy of this page: ${textOf(sumOf(known))}`);
  tree.children.push({ type: 'block', children: [total] });
}

/** The plugin, as mystmd expects it. */
export default {
  name: 'joulebook',
  transforms: [
    {
      name: 'joulebook-energy',
      doc: 'Shows what each cell cost, as `joulebook run --metadata` or JupyterLab wrote it.',
      stage: 'document',
      plugin: () => addEnergy
    }
  ]
};
