import { linkSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { rm, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Exit } from '../../core/restart/verdict.ts';
import type { Intent } from '../../ports/spawner.ts';
import {
  ensureOurDirectory,
  errnoOf,
  Foreign,
  readOurFile,
  replaceFile,
  requireOurDirectory,
  sync,
  unwritable,
  writeNewFile,
} from './private-files.ts';
import {
  blankExit,
  givenUp,
  type PidRecord,
  parseExit,
  parseIntent,
  parsePid,
  parseShim,
  type Shim,
  saysEmpty,
} from './records.ts';

const recordBytes = 4096;
const fileNames = new Set(['intent', 'intent.new', 'shim', 'pid', 'pid.new', 'exit', 'out', 'err']);

/** `<state>/run`, the root of all run directories. */
export const runRoot = (stateDirectory: string): string => join(stateDirectory, 'run');

/**
 * `<state>/run/<bot>/<incarnation>`: everything that a supervisor needs to take an incarnation over, and its spools.
 * Exists from before the spawn until the incarnation is released.
 */
export class RunDirectory {
  readonly path: string;
  readonly exitFile: string;
  readonly spools: { readonly out: string; readonly err: string };

  constructor(root: string, bot: string, incarnation: number) {
    this.path = join(root, bot, `${incarnation}`);
    this.exitFile = this.#file('exit');
    this.spools = { out: join(this.path, 'out'), err: join(this.path, 'err') };
  }

  /**
   * Makes the directory and all that must be there before the spawn; the intent comes last, and is never half there. Only
   * a power loss could undo the directory itself, and then nothing of the incarnation lives either.
   * @throws DroasError STATE_UNWRITABLE; then nothing is left behind.
   */
  async prepare(intent: Intent): Promise<void> {
    const parent = dirname(this.path);
    const refusal = `${intent.bot}: incarnation ${intent.incarnation} was not started, its run directory cannot be made`;
    try {
      ensureOurDirectory(parent);
      mkdirSync(this.path, { mode: 0o700 });
    } catch (cause) {
      throw unwritable(cause, refusal);
    }
    try {
      writeNewFile(this.exitFile, blankExit);
      writeNewFile(this.spools.out, '');
      writeNewFile(this.spools.err, '');
      const draft = this.#file('intent.new');
      writeNewFile(draft, `${JSON.stringify(intent)}\n`);
      await sync(draft);
      renameSync(draft, this.#file('intent'));
    } catch (cause) {
      await this.remove();
      throw unwritable(cause, refusal);
    }
  }

  /** Null: there is none, so nothing was ever started here. @throws Foreign */
  intent(): Intent | null {
    requireOurDirectory(this.path);
    const text = readOurFile(this.#file('intent'), recordBytes);
    if (text === null) return null;
    const intent = parseIntent(text);
    if (intent === null || this.path !== join(dirname(dirname(this.path)), intent.bot, `${intent.incarnation}`)) {
      throw new Foreign(`${this.#file('intent')} is not the intent of this run; it was left alone`);
    }
    return intent;
  }

  /** @throws Foreign when any record is not ours, before one is believed. */
  requireOurRecords(): void {
    this.shim();
    this.pid();
    this.exit();
  }

  /** @throws Foreign, as do `pid` and `exit` */
  shim(): Shim | null {
    return parseShim(readOurFile(this.#file('shim'), recordBytes) ?? '');
  }

  pid(): PidRecord | null {
    return parsePid(readOurFile(this.#file('pid'), recordBytes) ?? '');
  }

  /** Whether the shim got as far as recording the bot's pid. */
  pidRecorded(): boolean {
    try {
      return this.pid()?.kind === 'started';
    } catch {
      return false;
    }
  }

  /** What shim or program said first on stderr, for an error message. */
  complaint(): string {
    try {
      return readOurFile(this.spools.err, 200)?.trim() ?? '';
    } catch {
      return '';
    }
  }

  exit(): Exit | null {
    return parseExit(readOurFile(this.exitFile, recordBytes) ?? '');
  }

  /** Whether the shim left an empty tree behind. */
  emptied(): boolean {
    try {
      return saysEmpty(readOurFile(this.exitFile, recordBytes) ?? '');
    } catch {
      return false;
    }
  }

  /**
   * Gives the incarnation up, for ever, if its shim has not got as far as making `pid`: the shim will find the file and
   * not start the bot, however late it comes. False: the shim was first. @throws the system's error (ENOSPC …)
   */
  giveUp(): boolean {
    const draft = this.#file('pid.new');
    try {
      replaceFile(draft, givenUp);
      linkSync(draft, this.#file('pid'));
      return true;
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return false;
      throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  }

  /**
   * Removes the directory and what is in it; follows no link. The intent goes first: what a crash leaves of the rest is
   * then known to be nobody's. @throws the system's error
   */
  async remove(): Promise<void> {
    await rm(this.#file('intent'), { force: true });
    const others = [...fileNames].filter((name) => name !== 'intent');
    await Promise.all(others.map((name) => unlink(this.#file(name)).catch(() => {})));
    await rmdir(this.path).catch(() => rm(this.path, { recursive: true, force: true }));
  }

  /** Whether it holds nothing but files of ours: then, without an intent, it is the rest of a making or a removal. */
  isRemnant(): boolean {
    return readdirSync(this.path).every((name) => fileNames.has(name));
  }

  #file(name: string): string {
    return join(this.path, name);
  }
}
