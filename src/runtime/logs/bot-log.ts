import { decodeBytes, encodeBytes } from '../../core/logs/bytes.ts';
import type { KeptLine } from '../../core/logs/record.ts';
import { createRedactor, type Redactor } from '../../core/logs/redactor.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LogSource } from '../../ports/logs.ts';
import type { LogLimits } from './limits.ts';
import { LogFile } from './log-file.ts';
import { Spool, type Taken } from './spool.ts';

export type BotLogContext = {
  readonly clock: Clock;
  readonly limits: LogLimits;
  /** There is something to do. */
  readonly wake: () => void;
  readonly kept: (lines: readonly KeptLine[]) => void;
  /** False once the machine has shown that it cannot give spool space back. */
  readonly givesBack: () => boolean;
  readonly cannotGiveBack: (error: Error) => void;
};

type Note = { readonly incarnation: number; readonly text: string };
type Ending = { readonly finished: Promise<void>; readonly resolve: () => void };

/** Everything about the output of one bot. Works in turns: read a bounded amount, keep it in one append, tell. */
export class BotLog {
  readonly #context: BotLogContext;
  readonly #log: LogFile;
  readonly #spools = new Set<Spool>();
  readonly #endings = new Map<number, Ending>();
  #notes: readonly Note[] = [];
  #lastNoteId = 0;
  #secrets: readonly string[] = [];
  #redactor: Redactor = createRedactor([]);
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** `ready`: when the directory may be used; an earlier bot of that name is gone. */
  constructor(directory: string, context: BotLogContext, ready: Promise<unknown>) {
    this.#log = new LogFile(directory, context.limits);
    this.#context = context;
    this.#turn = ready;
  }

  follow(source: LogSource): void {
    if ([...this.#spools].some((spool) => spool.incarnation === source.incarnation)) return;
    for (const stream of ['out', 'err'] as const) {
      this.#spools.add(new Spool(source.spools[stream], stream, source.incarnation, this.#context.limits));
    }
  }

  finish(incarnation: number): Promise<void> {
    const spools = [...this.#spools].filter((spool) => spool.incarnation === incarnation);
    if (spools.length === 0) return Promise.resolve();
    for (const spool of spools) {
      spool.last = true;
      spool.dirty = true;
    }
    const known = this.#endings.get(incarnation);
    if (known) return known.finished;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#endings.set(incarnation, { finished: promise, resolve });
    return promise;
  }

  note(incarnation: number, text: string): void {
    const { maxNotes, pieceBytes } = this.#context.limits;
    const notes = text.split('\n').map((line) => ({ incarnation, text: line.slice(0, pieceBytes) }));
    this.#notes = [...this.#notes, ...notes].slice(-maxNotes);
  }

  /** The secrets of the last call stay blanked too: output of the incarnation before may still be unread. */
  redact(secrets: readonly string[]): void {
    this.#redactor = createRedactor([...this.#secrets, ...secrets]);
    this.#secrets = secrets;
  }

  get hasWork(): boolean {
    return !this.#closed && (this.#notes.length > 0 || [...this.#spools].some((spool) => spool.dirty));
  }

  /** Finds what the kernel did not tell. */
  poll(): void {
    for (const spool of this.#spools) if (spool.hasGrown()) spool.dirty = true;
  }

  get watched(): boolean {
    return [...this.#spools].every((spool) => spool.watched);
  }

  /** True when more is known to wait. @throws what the file system says: nothing is lost, another turn tries again. */
  async turn(): Promise<boolean> {
    const turn = this.#turn.then(() => this.#takeTurn());
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Stops. What is not consumed stays in the spools, and its ending stays open. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#turn;
    await Promise.all([...this.#spools].map((spool) => spool.close()));
    await this.#log.close();
  }

  /** Stops for good: nobody wants the rest. */
  async discard(): Promise<void> {
    for (const ending of this.#endings.values()) ending.resolve();
    await this.close();
  }

  async #takeTurn(): Promise<boolean> {
    if (this.#closed) return false;
    const { clock, wake } = this.#context;
    const dirty = [...this.#spools].filter((spool) => spool.dirty);
    for (const spool of dirty) spool.dirty = false;
    try {
      await this.#log.open();
      const taken: (readonly [Spool, Taken])[] = [];
      for (const spool of dirty) {
        await spool.open(this.#log, clock.wallMs(), wake);
        if (spool.ended) continue;
        await this.#giveUp(spool);
        taken.push([spool, await spool.take(this.#redactor, clock.wallMs())]);
      }
      const notes = this.#notes;
      const lines = [...notes.map((note) => this.#supervisorLine(note)), ...taken.flatMap(([, { lines }]) => lines)];
      if (lines.length > 0) await this.#log.append(lines);
      this.#notes = this.#notes.filter((note) => !notes.includes(note));
      for (const [spool, { position, atEnd }] of taken) this.#advance(spool, position, atEnd);
      this.#context.kept(lines);
      await this.#settleEndings();
      return this.hasWork;
    } catch (error) {
      for (const spool of dirty) spool.dirty = true;
      throw error;
    }
  }

  async #giveUp(spool: Spool): Promise<void> {
    const jump = await spool.jump(this.#redactor);
    if (!jump) return;
    const marker = this.#supervisorLine({ incarnation: spool.incarnation, text: jump.sentence });
    await this.#log.skip(marker, spool.stream, jump.offset);
    spool.moveTo(jump.offset);
    this.#context.kept([marker]);
  }

  #advance(spool: Spool, position: number, atEnd: boolean): void {
    spool.moveTo(position);
    if (!atEnd) spool.dirty = true;
    else if (spool.last) spool.ended = true;
    if (this.#context.givesBack()) spool.giveBack(this.#log, this.#context.cannotGiveBack);
  }

  async #settleEndings(): Promise<void> {
    for (const [incarnation, ending] of this.#endings) {
      const spools = [...this.#spools].filter((spool) => spool.incarnation === incarnation);
      if (spools.some((spool) => !spool.ended)) continue;
      await Promise.all(spools.map((spool) => spool.close()));
      for (const spool of spools) this.#spools.delete(spool);
      this.#endings.delete(incarnation);
      ending.resolve();
    }
  }

  /** A line of ours has no place in a spool: a rising number names it, near the time in milliseconds. */
  #supervisorLine({ incarnation, text }: Note): KeptLine {
    const atWallMs = this.#context.clock.wallMs();
    this.#lastNoteId = Math.max(this.#lastNoteId + 1, Math.trunc(atWallMs));
    return {
      atWallMs,
      stream: 'droas',
      incarnation,
      offset: this.#lastNoteId,
      text: decodeBytes(this.#redactor.redact(encodeBytes(text))),
      level: null,
      approx: false,
      continued: false,
    };
  }
}
