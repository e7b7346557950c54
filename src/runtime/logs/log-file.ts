import { constants, renameSync } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { encodeCheckpoint, encodeLine, type KeptLine, type SpoolPosition } from '../../core/logs/record.ts';
import type { LogLimits } from './limits.ts';
import { completeBytes, logFiles, openIfThere, recordsBackwards } from './log-reader.ts';

/** Incarnations whose places are remembered times two streams: one that ends while the next begins, and some to spare. */
const maxPositions = 8;
const key = (incarnation: number, stream: string): string => `${incarnation}.${stream}`;

/**
 * The kept log of one bot: `current.log`, rotated by rename to `.1`, `.2` …
 *
 * A batch of lines is one append. Each record carries the place in the spool after it, each file begins with a
 * checkpoint of all places, and another follows every 256 KiB. So the newest checkpoint and the records after it tell
 * how far the spools are consumed, whatever happened: text and place cannot differ. A torn last record is cut off and
 * its lines are read again from the spool.
 *
 * Not for concurrent calls: the log spool takes one turn at a time.
 */
export class LogFile {
  readonly #directory: string;
  readonly #limits: LogLimits;
  #handle: FileHandle | null = null;
  /** Bytes of `current.log` that are complete records. */
  #size = 0;
  /** Something may follow them: a write that failed half-way. */
  #torn = false;
  #sinceCheckpoint = Number.POSITIVE_INFINITY;
  #positions: Map<string, SpoolPosition> | null = null;

  constructor(directory: string, limits: LogLimits) {
    this.#directory = directory;
    this.#limits = limits;
  }

  /** @throws NodeJS.ErrnoException; may be called again after that, as may every method. */
  async open(): Promise<void> {
    if (this.#handle) return;
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    this.#positions ??= await this.#recover();
    const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
    const handle = await open(this.#paths()[0] as string, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
    try {
      this.#size = await completeBytes(handle);
      await handle.truncate(this.#size);
    } catch (error) {
      await handle.close();
      throw error;
    }
    this.#handle = handle;
    this.#torn = false;
  }

  /** Where to go on reading; 0 and not `known` for a spool that this log has not met. Call after `open`. */
  resume(
    incarnation: number,
    stream: 'out' | 'err',
    spool: string,
  ): { readonly offset: number; readonly known: boolean } {
    const positions = new Map(this.#positions);
    const name = key(incarnation, stream);
    const found = positions.get(name);
    if (found?.spool === spool) return { offset: found.offset, known: true };
    positions.delete(name);
    positions.set(name, { incarnation, stream, offset: 0, spool });
    this.#positions = new Map([...positions].slice(-maxPositions));
    this.#sinceCheckpoint = Number.POSITIVE_INFINITY;
    return { offset: 0, known: false };
  }

  /** All or nothing. @throws NodeJS.ErrnoException, e.g. ENOSPC: nothing was kept. */
  async append(lines: readonly KeptLine[]): Promise<void> {
    const positions = new Map(this.#positions);
    for (const line of lines) {
      const name = key(line.incarnation, line.stream);
      const before = positions.get(name);
      if (before) positions.set(name, { ...before, offset: line.offset });
    }
    await this.#write(lines[0]?.atWallMs ?? 0, lines.map((line) => encodeLine(line)).join(''), positions);
  }

  /** Moves a place without keeping what lies between; `marker` says so in the log. */
  async skip(marker: KeptLine, stream: 'out' | 'err', offset: number): Promise<void> {
    const positions = new Map(this.#positions);
    const name = key(marker.incarnation, stream);
    const before = positions.get(name);
    if (before) positions.set(name, { ...before, offset });
    await this.#write(marker.atWallMs, encodeLine(marker, [...positions.values()]), positions);
  }

  /** What was appended is on the disk, not only in the kernel. May run beside everything else. */
  async sync(): Promise<void> {
    for (const path of this.#paths()) {
      const handle = await openIfThere(path);
      try {
        await handle?.datasync();
      } finally {
        await handle?.close();
      }
    }
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
  }

  async #write(atWallMs: number, records: string, positions: Map<string, SpoolPosition>): Promise<void> {
    const bytes = Buffer.byteLength(records);
    if (this.#size > 0 && this.#size + bytes > this.#limits.fileBytes) await this.#rotate();
    await this.open();
    const due = this.#sinceCheckpoint >= this.#limits.checkpointBytes;
    const checkpoint = due ? encodeCheckpoint(atWallMs, [...(this.#positions?.values() ?? [])]) : '';
    await this.#appendWhole(Buffer.from(checkpoint + records));
    this.#sinceCheckpoint = (due ? 0 : this.#sinceCheckpoint) + bytes;
    this.#positions = positions;
  }

  async #appendWhole(data: Buffer): Promise<void> {
    const handle = this.#handle as FileHandle;
    if (this.#torn) await handle.truncate(this.#size);
    this.#torn = true;
    for (let done = 0; done < data.length; ) done += (await handle.write(data, done)).bytesWritten;
    this.#torn = false;
    this.#size += data.length;
  }

  /** The renames are one step for whoever reads in this process. A crash between two leaves a gap, which readers skip. */
  async #rotate(): Promise<void> {
    await this.close();
    const paths = this.#paths();
    for (let index = paths.length - 1; index > 0; index -= 1) {
      try {
        renameSync(paths[index - 1] as string, paths[index] as string);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    this.#size = 0;
    this.#sinceCheckpoint = Number.POSITIVE_INFINITY;
  }

  async #recover(): Promise<Map<string, SpoolPosition>> {
    const newest = new Map<string, number>();
    for await (const { line, positions } of recordsBackwards(this.#directory, this.#limits.keptFiles)) {
      if (positions) {
        const entries = positions.map((at): [string, SpoolPosition] => {
          const name = key(at.incarnation, at.stream);
          return [name, { ...at, offset: newest.get(name) ?? at.offset }];
        });
        return new Map(entries);
      }
      const name = line && key(line.incarnation, line.stream);
      if (line && name && !newest.has(name)) newest.set(name, line.offset);
    }
    return new Map();
  }

  #paths(): readonly string[] {
    return logFiles(this.#directory, this.#limits.keptFiles);
  }
}
