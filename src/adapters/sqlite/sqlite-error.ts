/** Result codes of SQLite that decide what happens next: https://www.sqlite.org/rescode.html */
const codes = {
  readonly: 8,
  busy: 5,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cantOpen: 14,
  constraint: 19,
  misuse: 21,
  notADatabase: 26,
};
/** ENOSPC while the shared-memory file grows. */
const sharedMemoryFull = 4874;

const codeOf = (error: unknown): number | null => {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code : null;
};
const primaryOf = (error: unknown): number | null => {
  const code = codeOf(error);
  return code === null ? null : code & 0xff;
};

/** The file is no database, or its content contradicts itself. */
export const isDamage = (error: unknown): boolean =>
  primaryOf(error) === codes.corrupt || primaryOf(error) === codes.notADatabase;

/** No space is left: SQLite's own word or that of the system. */
export const isFull = (error: unknown): boolean =>
  primaryOf(error) === codes.full ||
  codeOf(error) === sharedMemoryFull ||
  (error as NodeJS.ErrnoException | null)?.code === 'ENOSPC';

export const isBusy = (error: unknown): boolean => primaryOf(error) === codes.busy;

/** The world failed (disk, permissions, another program), not a statement of ours. */
export const isEnvironment = (error: unknown): boolean => {
  const primary = primaryOf(error);
  return primary !== null && primary !== codes.constraint && primary !== codes.misuse && primary !== 1;
};
