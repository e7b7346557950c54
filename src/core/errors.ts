/**
 * Every error that reaches a person or a program has a stable code from this table. Compare `code`, never the class.
 * `docs/errors.md` explains each; a test fails when a code is missing there.
 */
const table = {
  USAGE: { status: 400, retryable: false, exit: 2, meaning: 'The request itself is malformed.' },
  BOT_NOT_FOUND: { status: 404, retryable: false, exit: 4, meaning: 'No bot of that name is configured.' },
  BOT_EXISTS: { status: 409, retryable: false, exit: 1, meaning: 'A bot of that name exists already.' },
  BOT_BEING_DELETED: { status: 409, retryable: true, exit: 1, meaning: 'The bot is on its way out.' },
  BOT_NOT_RUNNING: { status: 409, retryable: false, exit: 3, meaning: 'The bot has no process to send a signal to.' },
  CAPACITY_REACHED: {
    status: 409,
    retryable: false,
    exit: 1,
    meaning: 'The fleet already has as many bots as its capacity allows.',
  },
  TOKEN_IN_USE: { status: 409, retryable: false, exit: 1, meaning: 'Two bots would own the same Discord token.' },
  CONFIG_INVALID: {
    status: 422,
    retryable: false,
    exit: 6,
    meaning: 'The configuration has errors; nothing was changed.',
  },
  CONFIG_NOT_FOUND: { status: 404, retryable: false, exit: 6, meaning: 'There is no configuration file.' },
  CONFIG_UNWRITABLE: { status: 500, retryable: false, exit: 1, meaning: 'A configuration file could not be written.' },
  COMMAND_NOT_FOUND: { status: 422, retryable: false, exit: 1, meaning: 'The program of the bot does not exist.' },
  COMMAND_NOT_EXECUTABLE: {
    status: 422,
    retryable: false,
    exit: 1,
    meaning: 'The program of the bot may not be executed.',
  },
  WORKING_DIRECTORY_MISSING: {
    status: 422,
    retryable: false,
    exit: 1,
    meaning: 'The working directory of the bot does not exist.',
  },
  RUN_DIRECTORY_UNTRUSTED: {
    status: 409,
    retryable: false,
    exit: 1,
    meaning: 'What may live of the bot cannot be inspected, so nothing of it is started.',
  },
  SPAWN_FAILED: { status: 503, retryable: true, exit: 1, meaning: 'The operating system refused to start a process.' },
  OPERATION_NOT_FOUND: {
    status: 404,
    retryable: false,
    exit: 1,
    meaning: 'No operation has that id, or it is too old.',
  },
  NOT_FINISHED: { status: 202, retryable: true, exit: 8, meaning: 'Accepted, but not finished within the time given.' },
  DAEMON_UNREACHABLE: { status: 503, retryable: true, exit: 5, meaning: 'No supervisor answers on the socket.' },
  ALREADY_RUNNING: { status: 409, retryable: false, exit: 1, meaning: 'Another supervisor owns this state directory.' },
  STATE_UNWRITABLE: { status: 503, retryable: false, exit: 1, meaning: 'The state directory cannot be written.' },
  JOURNAL_UNAVAILABLE: {
    status: 503,
    retryable: true,
    exit: 1,
    meaning: 'The journal could not be written; nothing was changed.',
  },
  SHUTTING_DOWN: { status: 503, retryable: true, exit: 5, meaning: 'The supervisor is going away.' },
  NOT_ALLOWED: { status: 403, retryable: false, exit: 9, meaning: 'This caller may not do that.' },
  NOT_FOUND: { status: 404, retryable: false, exit: 2, meaning: 'There is nothing at that address.' },
  INTERNAL: { status: 500, retryable: false, exit: 1, meaning: 'A bug in DROAS.' },
} as const;

export type ErrorCode = keyof typeof table;
export type ErrorEntry = {
  readonly status: number;
  readonly retryable: boolean;
  readonly exit: number;
  readonly meaning: string;
};

export const errorCodes = Object.keys(table) as readonly ErrorCode[];
export const errorEntry = (code: ErrorCode): ErrorEntry => table[code];
export const isErrorCode = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(table, code);

/** One problem among several, for CONFIG_INVALID: `where` is `file:line:col path`. */
export type Detail = { readonly where: string; readonly what: string };

export class DroasError extends Error {
  override readonly name = 'DroasError';
  readonly code: ErrorCode;
  /** What to do next, for people. */
  readonly remedy: string | null;
  readonly details: readonly Detail[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; remedy?: string; details?: readonly Detail[] } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.remedy = options.remedy ?? null;
    this.details = options.details ?? [];
  }
}

/** The code of anything thrown; INTERNAL when it has none of ours. */
export function codeOf(error: unknown): ErrorCode {
  const code = (error as { code?: unknown } | null)?.code;
  return isErrorCode(code) ? code : 'INTERNAL';
}
