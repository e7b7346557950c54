import { constants, type FSWatcher, fstatSync, watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { levelOf } from '../../core/logs/level.ts';
import type { KeptLine } from '../../core/logs/record.ts';
import type { Redactor } from '../../core/logs/redactor.ts';
import { bytesNeeded, splitLines } from '../../core/logs/split.ts';
import type { LogLimits } from './limits.ts';
import type { LogFile } from './log-file.ts';
import { punchHole } from './punch-hole.ts';

/** A spool that existed for longer than this before anybody followed it was written while nobody watched. */
const unwatchedAfterMs = 1000;

/** What one turn read. `position` becomes the spool's own only when the lines are kept. */
export type Taken = {
  readonly lines: readonly KeptLine[];
  readonly position: number;
  /** Everything that there was is read. */
  readonly atEnd: boolean;
};

/** Output that is given up: what lies before `offset` and after the spool's position. */
export type Jump = { readonly offset: number; readonly sentence: string };

/**
 * One stream of one incarnation: a file that the bot appends to and that only we read. Keeps nothing of what it reads: a
 * line that is not complete, or could not be kept, is read again.
 */
export class Spool {
  readonly incarnation: number;
  readonly stream: 'out' | 'err';
  /** Something may be there to read. */
  dirty = true;
  /** Nobody will write any more: the end of the file ends the last line. */
  last = false;
  ended = false;
  readonly #path: string;
  readonly #limits: LogLimits;
  #handle: FileHandle | null = null;
  #watcher: FSWatcher | null = null;
  #position = 0;
  #seenBytes = 0;
  #approxBefore = 0;
  #givenBack = 0;
  #givingBack: Promise<void> | null = null;

  constructor(path: string, stream: 'out' | 'err', incarnation: number, limits: LogLimits) {
    this.#path = path;
    this.stream = stream;
    this.incarnation = incarnation;
    this.#limits = limits;
  }

  /** Watched by the kernel; otherwise only the poll finds news. */
  get watched(): boolean {
    return this.#watcher !== null || this.ended;
  }

  /** Goes on where `log` says. A spool that does not exist has ended. */
  async open(log: LogFile, wallMs: number, wake: () => void): Promise<void> {
    if (this.#handle || this.ended) return;
    const handle = await this.#openFile();
    if (!handle) {
      this.ended = true;
      return;
    }
    const stat = await handle.stat();
    if (!stat.isFile()) {
      await handle.close();
      throw new Error(`${this.#path} is not a regular file`);
    }
    const { offset, known } = log.resume(this.incarnation, this.stream, `${stat.ino}.${Math.trunc(stat.birthtimeMs)}`);
    this.#position = offset;
    if (known || wallMs - stat.birthtimeMs > unwatchedAfterMs) this.#approxBefore = stat.size;
    this.#handle = handle;
    this.#watch(wake);
  }

  /** Compares sizes; for the poll. */
  hasGrown(): boolean {
    return this.#handle !== null && fstatSync(this.#handle.fd).size !== this.#seenBytes;
  }

  /** Whether output must be given up now, because too much of it waits or because somebody cut the file short. */
  async jump(redactor: Redactor): Promise<Jump | null> {
    const size = await this.#size();
    if (size < this.#position) {
      return {
        offset: 0,
        sentence: `${this.stream}: the spool was cut short by somebody else; it is read from its start`,
      };
    }
    if (size - this.#position <= this.#limits.backlogBytes) return null;
    const offset = await this.#lineStart(size - Math.floor(this.#limits.backlogBytes / 2), redactor);
    const dropped = offset - this.#position;
    return {
      offset,
      sentence: `${this.stream}: dropped ${dropped} bytes: the bot wrote faster than they could be kept`,
    };
  }

  async take(redactor: Redactor, wallMs: number): Promise<Taken> {
    const size = await this.#size();
    this.#seenBytes = size;
    const wanted = Math.max(this.#limits.chunkBytes, bytesNeeded(redactor, this.#limits));
    const bytes = await this.#read(this.#position, Math.min(wanted, size - this.#position));
    const atSpoolEnd = this.#position + bytes.length >= size;
    const pieces = splitLines(bytes, redactor, this.#limits, this.last && atSpoolEnd);
    const lines = pieces.map(
      (piece): KeptLine => ({
        atWallMs: wallMs,
        stream: this.stream,
        incarnation: this.incarnation,
        offset: this.#position + piece.end,
        text: piece.text,
        level: levelOf(piece.text),
        approx: this.#position + piece.end <= this.#approxBefore,
        continued: piece.continued,
      }),
    );
    return {
      lines,
      position: lines.at(-1)?.offset ?? this.#position,
      atEnd: atSpoolEnd && pieces.length < this.#limits.maxPieces,
    };
  }

  /** Everything before `position` is kept (or given up) for good. */
  moveTo(position: number): void {
    this.#position = position;
    this.#givenBack = Math.min(this.#givenBack, position);
  }

  /** Frees what is consumed, beside all else. The kept log reaches the disk first: a power cut must not find both gone. */
  giveBack(log: LogFile, failed: (error: Error) => void): void {
    const step = this.#limits.giveBackBytes;
    const handle = this.#handle;
    const from = this.#givenBack;
    const to = Math.floor(this.#position / step) * step;
    if (this.#givingBack || !handle || to <= from) return;
    this.#givingBack = (async () => {
      await log.sync();
      await punchHole(handle, from, to - from);
      this.#givenBack = to;
    })()
      .catch(failed)
      .finally(() => {
        this.#givingBack = null;
      });
  }

  async close(): Promise<void> {
    this.#watcher?.close();
    this.#watcher = null;
    await this.#givingBack;
    const handle = this.#handle;
    this.#handle = null; // a closing handle has no descriptor any more, and a poll may come before it is closed
    await handle?.close();
  }

  #watch(wake: () => void): void {
    try {
      this.#watcher = watch(this.#path, { persistent: false }, () => {
        this.dirty = true;
        wake();
      });
      this.#watcher.on('error', () => {
        this.#watcher?.close();
        this.#watcher = null;
      });
    } catch {
      this.#watcher = null;
    }
  }

  async #openFile(): Promise<FileHandle | null> {
    try {
      return await open(this.#path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  /** The start of the first line after `offset`, or a place in a very long line that cuts no secret in two. */
  async #lineStart(offset: number, redactor: Redactor): Promise<number> {
    const bytes = await this.#read(offset, this.#limits.chunkBytes + 2 * redactor.reach);
    const newline = bytes.indexOf('\n');
    return offset + (newline === -1 ? redactor.cut(bytes, redactor.reach) : newline + 1);
  }

  async #size(): Promise<number> {
    return (await (this.#handle as FileHandle).stat()).size;
  }

  /** A byte string: one character for each byte. */
  async #read(offset: number, length: number): Promise<string> {
    if (length <= 0) return '';
    const { bytesRead, buffer } = await (this.#handle as FileHandle).read(
      Buffer.allocUnsafe(length),
      0,
      length,
      offset,
    );
    return buffer.toString('latin1', 0, bytesRead);
  }
}
