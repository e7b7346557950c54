import type { Random } from '../../ports/random.ts';

/** For jitter. Not for keys or marks: those come from `node:crypto` where they are made. */
export const createRandom = (): Random => ({ next: () => Math.random() });
