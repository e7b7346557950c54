import { readFileSync } from 'node:fs';

/** Keys of the auxiliary vector, getauxval(3). */
const pageSizeKey = 6n;
const clockTicksKey = 17n;

/** The units of /proc on this machine: ARM kernels have pages of 4, 16 or 64 KiB. */
export function auxiliary(): { readonly pageBytes: number; readonly ticksPerSecond: number } {
  const words = new BigUint64Array(new Uint8Array(readFileSync('/proc/self/auxv')).buffer);
  const value = (key: bigint, usual: number): number => {
    const at = words.findIndex((word, index) => index % 2 === 0 && word === key);
    return at === -1 ? usual : Number(words[at + 1]);
  };
  return { pageBytes: value(pageSizeKey, 4096), ticksPerSecond: value(clockTicksKey, 100) };
}
