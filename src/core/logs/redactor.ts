import { encodeBytes } from './bytes.ts';

/**
 * Blanks secrets in output: words known exactly, and whatever has the form of a Discord token. Works on byte strings.
 *
 * Words shorter than six characters are not blanked: they would blank ordinary text as well.
 */
export interface Redactor {
  /** Longest stretch that one match covers; a match that begins this far before the end of a text is seen whole. */
  readonly reach: number;
  redact(bytes: string): string;
  /** A place near `at` where the text can be cut without cutting a secret in two: before it, or just after. Never 0. */
  cut(bytes: string, at: number): number;
}

const shortestWord = 6;
/** Base64 of a user id (first digit 1–9, hence M, N or O), time, signature. */
const tokenPattern = String.raw`[MNO][\w-]{22,27}\.[\w-]{6,7}\.[\w-]{27,72}`;
const tokenReach = 28 + 1 + 7 + 1 + 72;
const blank = '[redacted]';

/** Every form in which a secret may show up: whole, each part of a token or of several lines, in JSON, in a URL. */
function wordsOf(secret: string): readonly string[] {
  const parts = [secret, ...secret.split(/[.\s]+/)];
  return parts.flatMap((part) => [part, JSON.stringify(part).slice(1, -1), encodeURIComponent(part.toWellFormed())]);
}

export function createRedactor(secrets: readonly string[]): Redactor {
  const words = [...new Set(secrets.flatMap(wordsOf).filter((word) => word.length >= shortestWord))]
    .map(encodeBytes)
    .sort((a, b) => b.length - a.length);
  const alternatives = [...words.map((word) => RegExp.escape(word)), tokenPattern];
  const secret = new RegExp(alternatives.join('|'), 'g');
  return {
    reach: Math.max(tokenReach, words[0]?.length ?? 0),
    redact: (bytes) => bytes.replaceAll(secret, blank),
    cut(bytes, at) {
      for (const match of bytes.matchAll(secret)) {
        const end = match.index + match[0].length;
        if (match.index >= at) break;
        if (end > at) return match.index > 0 ? match.index : end;
      }
      return at;
    },
  };
}
