/** What XLA's messages about operations it cannot compile have in common. */
const marks = [
  /XLA_[CG]PU_JIT/,
  /unsupported operations/i,
  /uncompilable/i,
  /not compilable/i,
  /must be a compile-time constant/i,
  /XLA compilation/i
];

/**
 * Whether a failure means that XLA cannot compile a function, rather than that the function is wrong.
 * @param message TensorFlow's text.
 * @returns True when the function may run without XLA.
 */
export function isUnsupported(message: string): boolean {
  return marks.some(mark => mark.test(message));
}

/**
 * The operations that XLA names in its message.
 * @param message TensorFlow's text.
 * @returns Their types, each once.
 */
export function unsupportedOperations(message: string): string[] {
  const named = [
    ...message.matchAll(/No registered '(\w+)' OpKernel/g),
    ...message.matchAll(/\{\{node (\w+?)_\d+\}\}/g)
  ];
  return [...new Set(named.map(match => match[1]!))];
}
