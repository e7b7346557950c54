import { z } from 'zod';
import type { Exit } from '../../core/restart/verdict.ts';
import type { Intent } from '../../ports/spawner.ts';
import { type ProcessId, parseStat } from './proc.ts';
import type { ShimKind } from './shim.ts';

/**
 * The texts in a run directory and what they mean; `docs/files.md` is their specification. A record that is not
 * complete (no newline yet) reads as null: it will be, or its writer is dead.
 */

const hash = z.string().regex(/^[0-9a-f]{1,128}$/);
const intent = z.object({
  version: z.literal(1),
  bot: z.string(),
  incarnation: z.int().positive(),
  run: z.string().regex(/^[0-9a-f]{32}$/),
  bootId: z.string().min(1).max(64),
  specHash: hash,
  keyHash: hash,
  spawnedAtMs: z.number(),
  spawnedAtWallMs: z.number(),
}) satisfies z.ZodType<Intent>;

/** Null when the text is no intent. */
export function parseIntent(text: string): Intent | null {
  try {
    return intent.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

export type Shim = ProcessId & { readonly kind: ShimKind };

/** `shim`: the kind of the shim, then its line of /proc/PID/stat. */
export function parseShim(text: string): Shim | null {
  const [, kind, line] = /^(reaper|plain) (.*)\n/.exec(text) ?? [];
  const stat = line === undefined ? null : parseStat(line);
  return stat === null ? null : { pid: stat.pid, start: stat.start, kind: kind === 'reaper' ? 'reaper' : 'plain' };
}

/** The first line of `pid` when a supervisor decided that this incarnation never runs. */
export const givenUp = 'given-up\n';

export type PidRecord =
  | { readonly kind: 'given-up' }
  /** `refused` is 126 or 127 when the program could not be executed. */
  | { readonly kind: 'started'; readonly main: ProcessId; readonly refused: number | null };

/** `pid`: the main process's line of /proc/PID/stat before exec; then, if exec failed, `noexec N`. */
export function parsePid(text: string): PidRecord | null {
  if (text === givenUp) return { kind: 'given-up' };
  const [first, second] = text.split('\n', 2);
  const stat = first === undefined || !text.includes('\n') ? null : parseStat(first);
  if (stat === null) return null;
  const refused = /^noexec (\d+)/.exec(second ?? '')?.[1];
  return { kind: 'started', main: { pid: stat.pid, start: stat.start }, refused: refused ? Number(refused) : null };
}

/** `exit` before anything happened: room that the shim can overwrite on a full disk. */
export const blankExit = ' '.repeat(512);

/** The last line of `exit`: the shim left because nothing of its tree was left. Proof only when the shim is a reaper. */
export const saysEmpty = (text: string): boolean => /^empty\n/m.test(text);

/**
 * `exit`: what the shell says about a killed child ("Killed"), if it says anything, then `exit N` as a shell counts:
 * 128 + n for signal n. Some shells say nothing for some signals; then N above 128 is one or the other.
 */
export function parseExit(text: string): Exit | null {
  const match = /^exit (\d{1,3})\n/m.exec(text);
  if (match === null) return null;
  const code = Number(match[1]);
  const signal = code - 128;
  if (signal < 1 || signal > 64) return { kind: 'code', code };
  return text.slice(0, match.index).trim() === '' ? { kind: 'either', code, signal } : { kind: 'signal', signal };
}
