import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { end, type Leftover, lasting } from '../../scripts/test/leftovers.ts';

const memory = '/dev/shm';
const endsWithinMs = 2_000;
const sweeps = 3;

/**
 * What a run makes: directories of unguessable names, and processes that carry such a name somewhere. `clear` may come at
 * any moment, when somebody interrupts the run; from then on nothing new can be made.
 */
export class Ground {
  readonly directory = mkdtempSync(join(realpathSync(tmpdir()), 'droas-bench-'));
  /** Where supervisors lay out secrets, so that one which died leaves none behind. */
  readonly runtimeDirectory = mkdtempSync(join(existsSync(memory) ? memory : this.directory, 'droas-bench-'));
  readonly #stack = new AsyncDisposableStack();
  #cleared = false;

  /** Nothing can be made any more. */
  get cleared(): boolean {
    return this.#cleared;
  }

  /** A new, private directory. @throws Error when the run is over */
  folder(name: string): string {
    if (this.#cleared) throw new Error('the run is over');
    const path = join(this.directory, name);
    mkdirSync(path, { mode: 0o700 });
    return path;
  }

  /** Takes care that `release` is called, once: by whoever calls what is returned, at the latest by `clear`. */
  defer(release: () => Promise<unknown>): () => Promise<void> {
    let released: Promise<unknown> | null = null;
    const once = async (): Promise<void> => {
      released ??= release();
      await released;
    };
    this.#stack.defer(once);
    return once;
  }

  /** Ends and removes everything. Returns the processes that did not end by themselves. */
  async clear(): Promise<readonly Leftover[]> {
    this.#cleared = true;
    // Whoever released it first was told why that failed; the processes that it left are told here.
    await this.#stack.disposeAsync().catch(() => {});
    const left = await lasting(this.directory, endsWithinMs);
    let living = left;
    for (let sweep = 0; living.length > 0 && sweep < sweeps; sweep++) {
      end(living);
      living = await lasting(this.directory, endsWithinMs);
    }
    for (const path of [this.runtimeDirectory, this.directory]) rmSync(path, { recursive: true, force: true });
    return left;
  }
}
