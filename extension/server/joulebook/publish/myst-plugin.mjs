// For Jupyter Book 2 and mystmd: what each cell cost, below its code, and the page's total at its end.
// In myst.yml:  project: { plugins: [path/to/myst-plugin.mjs] }; `joulebook publish --myst-plugin` prints the path.

/** The decimal place of the last digit that a half width above 0 allows (JCGM 100:2008, 7.2.6). */
function lastPlace(half) {
  const [mantissa, exponent] = half.toExponential(6).split('e');
  return Number(exponent) - (mantissa.startsWith('1') ? 1 : 0);
}

/** The decimal place of the last of so many digits. */
function placeOfDigits(value, digits) {
  return value === 0 ? 0 : Number(value.toExponential(digits - 1).split('e')[1]) - digits + 1;
}

function toPlace(value, place) {
  if (place > 0) return String(Math.round(value / 10 ** place) * 10 ** place);
  const text = value.toFixed(Math.min(-place, 12));
  return Number(text) === 0 ? text.replace('-', '') : text;
}

function scaleOf(joules) {
  if (Math.abs(joules) >= 1e7) return [1e6, 'MJ'];
  return Math.abs(joules) >= 1e4 ? [1e3, 'kJ'] : [1, 'J'];
}

/** An energy in words, as the other pages write it; null when there is none: a stranger's notebook may hold anything. */
function textOf(energy) {
  const { joules, low, high, kind, below } = energy ?? {};
  if (kind !== 'measured' && kind !== 'modelled') return null;
  if (below === true && Number.isFinite(high)) {
    const [factor, unit] = scaleOf(high);
    return `< ${toPlace(high / factor, placeOfDigits(high / factor, 1))} ${unit}`;
  }
  if (![joules, low, high].every(value => Number.isFinite(value))) return null;
  const [factor, unit] = scaleOf(joules);
  const [value, from, to] = [joules, low, high].map(each => each / factor);
  const half = (to - from) / 2;
  const place = half > 0 ? lastPlace(half) : placeOfDigits(value, 3);
  // A wide interval must not round a small value to nothing.
  const fine = kind === 'modelled' && value ? Math.min(place, placeOfDigits(value, 1)) : place;
  const bound = each => toPlace(each, each === 0 || each >= 10 ** place ? place : fine);
  const text = `${toPlace(value, fine)} ${unit}`;
  if (kind === 'modelled') return `about ${text} (${bound(from)} to ${bound(to)}, modelled)`;
  const [up, down] = [to - value, value - from].map(each => toPlace(each, place));
  if (up !== down) return `${text} (${bound(from)} to ${bound(to)})`;
  return half > 0 ? `${text} ± ${toPlace(half, place)}` : text;
}

/** As the command line adds: errors of measured values are independent, those of modelled ones common. */
function sumOf(energies) {
  const sum = { joules: 0, down: 0, up: 0, squares: [0, 0], kind: 'measured' };
  for (const { joules: known, low, high, kind } of energies) {
    // Of a cell too short to resolve only the interval may be known.
    const joules = known ?? (low + high) / 2;
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
    const words = energy.kind === 'measured' ? `${text}, measured` : text;
    cell.children.splice(after, 0, paragraph(`Energy of this cell: ${words}`));
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
