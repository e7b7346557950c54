import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const reserveBytes = 1024 * 1024;
/** A reserve is only taken from a file system that has this much left: it must not be what fills it. */
const comfortableBytes = 16 * reserveBytes;

/** A file that is in the way on purpose: when the disk is full it is deleted, so that what must be recorded still fits. */
export class Reserve {
  readonly #directory: string;
  readonly #path: string;

  constructor(stateDirectory: string) {
    this.#directory = stateDirectory;
    this.#path = join(stateDirectory, 'reserve');
  }

  /** True when space was freed; false when there was no reserve. */
  release(): boolean {
    if (!this.exists()) return false;
    try {
      rmSync(this.#path);
      return true;
    } catch {
      return false;
    }
  }

  /** True when the reserve is there again. Random content: a compressing file system would keep nothing of zeros. */
  restore(): boolean {
    try {
      const { bavail, bsize } = statfsSync(this.#directory);
      if (bavail * bsize < comfortableBytes) return false;
      const file = openSync(this.#path, 'w', 0o600);
      try {
        writeSync(file, randomBytes(reserveBytes));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      return this.exists();
    } catch {
      return false;
    }
  }

  exists(): boolean {
    return (statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0) >= reserveBytes;
  }
}
