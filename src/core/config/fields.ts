import { z } from 'zod';
import { formatDuration, parseDuration, parseSize } from '../units.ts';
import { nearest } from './suggest.ts';

/**
 * The kinds of values that documents are made of. Messages that begin with "expected" say only what would be right: who
 * explains them adds what stands there, as far as it may be shown.
 */

type Shape = Readonly<Record<string, z.ZodType>>;

/** A map with these keys only. The message for unknown keys has one line per key. */
export function keys<T extends Shape>(shape: T) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => unknown(key, known)).join('\n') : undefined,
  });
}

function unknown(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  return meant === null ? `unknown key; known here are: ${known.join(', ')}` : `unknown key; did you mean ${meant}?`;
}

/** A map with one key of these. */
export function oneOf<T extends Shape>(shape: T) {
  const known = Object.keys(shape);
  return keys(shape).refine((value) => known.filter((key) => Object.hasOwn(value, key)).length === 1, {
    error: `needs exactly one of ${known.join(', ')}`,
  });
}

/** Text that the operating system accepts in a command, a path or an environment. */
export const text = z.string().refine((value) => !value.includes('\0'), 'must not contain a NUL character');

export const filled = text.refine((value) => value.trim() !== '', 'must not be empty');

const longestMs = 7 * 86_400_000;

/** `30s`, `1.5s`, `500ms`, `5m`, `1h30m` → milliseconds. */
export function duration(leastMs = 1, mostMs = longestMs) {
  const expected = 'expected a duration such as 30s, 500ms or 1h30m';
  return z.string({ error: expected }).transform((value, context) => {
    const ms = parseDuration(value);
    if (ms !== null && ms >= leastMs && ms <= mostMs) return ms;
    const message =
      ms === null ? expected : `expected a duration from ${formatDuration(leastMs)} to ${formatDuration(mostMs)}`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

/** So many within a sliding window. */
export type Rate = { readonly count: number; readonly windowMs: number };

const rateForm = /^(\d{1,6})\/(\d.*|[smhd])$/;
const mostPerWindow = 1_000;
const longestWindowMs = 86_400_000;

/** `20/h`, `5/10m` → a rate; `none` → null. */
export const rate = z
  .string({ error: 'expected a rate such as 20/h or 5/10m, or none' })
  .transform((value, context): Rate | null => {
    if (value === 'none') return null;
    const [, count, period = ''] = rateForm.exec(value) ?? [];
    const windowMs = parseDuration(/^\d/.test(period) ? period : `1${period}`);
    const message =
      windowMs === null
        ? 'expected a rate such as 20/h or 5/10m, or none'
        : `expected a rate of 1 to ${mostPerWindow} within 1s to ${formatDuration(longestWindowMs)}, such as 20/h, or none`;
    const isWithin = windowMs !== null && windowMs >= 1_000 && windowMs <= longestWindowMs;
    if (isWithin && Number(count) >= 1 && Number(count) <= mostPerWindow) return { count: Number(count), windowMs };
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

/** A whole number from 1 on; `none` → null. */
export const amount = (most: number) =>
  z
    .union([z.int().min(1).max(most), z.literal('none')], { error: 'expected a whole number such as 2000, or none' })
    .transform((value) => (value === 'none' ? null : value));

export const isGuildId = (text: string): boolean => /^\d{15,20}$/.test(text);

const guildIdForm = 'expected the id of a Discord server (15 to 20 digits, in quotes)';
export const guildId = z.string({ error: guildIdForm }).refine(isGuildId, guildIdForm);

const leastMemoryBytes = 1e6;

/** `100MB`, `256MiB` → bytes; `none` → null. */
export const memoryLimit = z
  .string({ error: 'expected a size such as 100MB or 256MiB, or none' })
  .transform((value, context) => {
    if (value === 'none') return null;
    const bytes = parseSize(value);
    if (bytes !== null && bytes >= leastMemoryBytes) return bytes;
    context.addIssue({ code: 'custom', message: 'expected a size such as 100MB or 256MiB (at least 1MB), or none' });
    return z.NEVER;
  });

/** What a shell would do something about; here there is no shell. */
const shellSyntax = /[|&;<>()$`"'\\*?[\]{}\n]|(?:^|\s)~|^\s*\w+=/;

type Command = readonly [string, ...string[]];
const isCommand = (words: readonly string[]): words is Command => words[0] !== undefined && words[0] !== '';

/** A list of words, or plain words in one text. */
export const command = z
  .union([z.array(text), text], { error: 'expected a command: a list such as [node, bot.js] or plain words' })
  .transform((value, context): Command => {
    if (typeof value === 'string' && shellSyntax.test(value)) {
      context.addIssue({
        code: 'custom',
        message:
          "contains shell syntax, but no shell reads it: write a list such as [node, bot.js], or [sh, -c, '…'] for a shell",
      });
      return z.NEVER;
    }
    const words = typeof value === 'string' ? value.split(/\s+/).filter((word) => word !== '') : value;
    if (isCommand(words)) return words;
    context.addIssue({ code: 'custom', message: 'the command is empty' });
    return z.NEVER;
  });

const addressForm = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_.-]+)):(\d{1,5})$/i;
const isPort = (port: number): boolean => port >= 1 && port <= 65_535;

/** `2333` (on this machine) or `host:2333`. */
export const tcpAddress = z
  .union([z.int(), z.string()], { error: 'expected a port such as 2333 or an address such as localhost:2333' })
  .transform((value, context) => {
    const plain = /^\d{1,5}$/.test(String(value)) ? `127.0.0.1:${value}` : String(value);
    const [, bracketed, name, port] = addressForm.exec(plain) ?? [];
    const host = bracketed ?? name;
    if (host !== undefined && isPort(Number(port))) return { host, port: Number(port) };
    context.addIssue({ code: 'custom', message: 'expected a port such as 2333 or an address such as localhost:2333' });
    return z.NEVER;
  });

const isWebAddress = (value: string): boolean => /^https?:\/\//i.test(value) && URL.canParse(value);

export const url = z
  .string({ error: 'expected a URL that begins with http:// or https://' })
  .refine(isWebAddress, 'expected a URL that begins with http:// or https://');

/** The base of an interface: without the slash at its end. */
export const baseUrl = url.transform((value) => value.replace(/\/+$/, ''));

/** JavaScript's regular expressions. */
export const pattern = z.string().superRefine((value, context) => {
  try {
    new RegExp(value);
  } catch {
    context.addIssue({ code: 'custom', message: 'expected a regular expression' });
  }
});
