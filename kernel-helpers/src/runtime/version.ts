/** The version whose behaviour the tests know. */
export const testedVersion = '2.21';

/**
 * What to say of a TensorFlow that the tests do not know.
 * @param version Its version, such as `2.21.0`.
 * @param folder Where it lies.
 * @returns The warning; undefined for a version that is tested.
 */
export function untestedWarning(version: string, folder: string): string | undefined {
  if (version.startsWith(`${testedVersion}.`)) return undefined;
  return `TensorFlow ${version} in ${folder} is untested with joulebook, which knows ${testedVersion}; it is tried all the same`;
}
