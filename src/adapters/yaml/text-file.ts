import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

export type TextFile = {
  readonly text: string;
  /** Nobody but its owner may read it. */
  readonly isPrivate: boolean;
};

/** What is wrong with a file as a whole; the message is for people. `code` is the system's, where it had one. */
export class FileFault extends Error {
  readonly code: string | null;

  constructor(what: string, code: string | null = null, cause?: unknown) {
    super(what, { cause });
    this.code = code;
  }
}

const mostBytes = 2 ** 20;
const mostLines = 20_000;
const longestLine = 2 ** 16;

/** Refuses what cannot be a file that a person wrote before it costs time: parsing such a file may take minutes. @throws FileFault */
export function readTextFile(path: string): TextFile {
  const { bytes, isPrivate } = readBytes(path);
  return { text: checkText(decode(bytes)), isPrivate };
}

/** @throws FileFault when the text is too large in any direction */
export function checkText(text: string): string {
  if (text.length > mostBytes) throw tooLarge(text.length);
  const lines = text.split('\n');
  if (lines.length > mostLines)
    throw new FileFault(`the file has ${lines.length} lines, and the limit is ${mostLines}`);
  const long = lines.findIndex((line) => line.length > longestLine);
  if (long >= 0) {
    throw new FileFault(
      `line ${long + 1} has ${lines[long]?.length} characters, and the limit is ${longestLine}: is this the right file?`,
    );
  }
  return text;
}

const tooLarge = (bytes: number): FileFault =>
  new FileFault(`the file has ${bytes} bytes, and the limit is ${mostBytes} (1 MiB): is this the right file?`);

function readBytes(path: string): { readonly bytes: Buffer; readonly isPrivate: boolean } {
  let descriptor: number | null = null;
  try {
    // Without O_NONBLOCK, opening a named pipe waits for somebody to write into it.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new FileFault('this is not an ordinary file');
    if (stat.size > mostBytes) throw tooLarge(stat.size);
    return { bytes: readFileSync(descriptor), isPrivate: (stat.mode & 0o044) === 0 };
  } catch (error) {
    throw error instanceof FileFault ? error : unreadable(error);
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

/** The sentence for a system error on something that should be read. */
export function unreadable(error: unknown): FileFault {
  const { code = 'unknown error' } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return new FileFault('this does not exist', code, error);
    case 'EACCES':
    case 'EPERM':
      return new FileFault(
        'the user of the supervisor may not read this: give it access with chown or chmod',
        code,
        error,
      );
    default:
      return new FileFault(`this cannot be read (${code})`, code, error);
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new FileFault('the file is not UTF-8 text: save it as UTF-8', null, error);
  }
}
