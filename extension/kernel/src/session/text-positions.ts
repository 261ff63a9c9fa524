/** Jupyter counts code points, JavaScript UTF-16 units: the offset in units of one in code points. */
export function unitsOf(text: string, codePoints: number): number {
  let units = 0;
  let seen = 0;
  for (const character of text) {
    if (seen === codePoints) break;
    seen += 1;
    units += character.length;
  }
  return units;
}

/** The offset in code points of one in UTF-16 units. */
export function codePointsOf(text: string, units: number): number {
  return [...text.slice(0, units)].length;
}
