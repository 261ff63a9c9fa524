/** What the kernel has to reach. */
export const goals = {
  /** Start to the first reply, as a part of ipykernel's. */
  startRatio: 1,
  /** Median of a small cell with its types checked, also after TensorFlow.js is imported, ms. */
  cellMs: 10,
  /** The first import of TensorFlow.js, ms. */
  importMs: 400,
  /** The median of the last of 1,000 cells, as a part of that of the first. */
  growthRatio: 1.2,
  /** Memory of kernel and checker after 1,000 cells, bytes. */
  memoryBytes: 500e6,
  /** Completion and inspection, ms. */
  assistMs: 100,
  /** From an interrupt to the cell's end, ms. */
  interruptMs: 500
} as const;
