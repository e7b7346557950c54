/** How loud a line is, in the words of most loggers. */
export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

const names: Readonly<Record<string, Level>> = {
  trace: 'trace',
  verbose: 'debug',
  debug: 'debug',
  info: 'info',
  notice: 'info',
  warn: 'warn',
  warning: 'warn',
  err: 'error',
  error: 'error',
  severe: 'error',
  crit: 'fatal',
  critical: 'fatal',
  fatal: 'fatal',
  panic: 'fatal',
};
const words = Object.keys(names).join('|');
const upperWords = words.toUpperCase();

/** JSON loggers: a word, or pino's and bunyan's numbers. Looked for near the start of the line. */
const inJson = /"(?:level|severity|levelname)"\s*:\s*(?:"(\w+)"|(\d+))/;
/** Dates, brackets and colours may stand before the word. */
const before = String.raw`^(?:\x1b\[[\d;]*m|[\s\d\[\](){}<>|:.,+/-]|(?<=\d)[TZ](?=[\d\s\]]))*`;
const leading = new RegExp(`${before}(${upperWords})(?!\\w)`);
const leadingWithMark = new RegExp(`${before}(${words}|\\w*Error)(?:\\x1b\\[[\\d;]*m)?[:\\]|)]`, 'i');

/** The level that a line states itself; null when it states none. */
export function levelOf(line: string): Level | null {
  const start = line.slice(0, 512);
  if (start.startsWith('{')) {
    const match = inJson.exec(start);
    if (match?.[1]) return names[match[1].toLowerCase()] ?? null;
    return match?.[2] ? numbered(Number(match[2])) : null;
  }
  const word = (leading.exec(start) ?? leadingWithMark.exec(start))?.[1]?.toLowerCase();
  if (word === undefined) return null;
  return names[word] ?? 'error';
}

function numbered(level: number): Level {
  if (level < 20) return 'trace';
  if (level < 30) return 'debug';
  if (level < 40) return 'info';
  if (level < 50) return 'warn';
  return level < 60 ? 'error' : 'fatal';
}
