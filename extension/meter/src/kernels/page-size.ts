/** Type of the entry that holds the page size: AT_PAGESZ of getauxval(3). */
const pageSizeType = 6n;
/** Where none is told in 64 bits, as to a 32-bit program. */
const usualBytes = 4096;
const pairBytes = 16;

/**
 * Bytes of a page of memory: 4096 on most machines, 16 or 64 KiB on some of ARM.
 * @param auxiliary What /proc/self/auxv holds: pairs of type and value, 64 bits each.
 * @returns 4096 where it holds no page size.
 */
export function pageBytesOf(auxiliary: Buffer): number {
  for (let at = 0; at + pairBytes <= auxiliary.length; at += pairBytes) {
    if (auxiliary.readBigUInt64LE(at) === pageSizeType) {
      return Number(auxiliary.readBigUInt64LE(at + 8));
    }
  }
  return usualBytes;
}
