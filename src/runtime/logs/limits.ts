const KiB = 1024;
const MiB = 1024 * KiB;

/** What bounds the log spool, in bytes unless named otherwise. */
export type LogLimits = {
  /** Read from one spool in one turn. */
  readonly chunkBytes: number;
  /** Lines kept from one spool in one turn. */
  readonly maxPieces: number;
  /** A longer line is kept in pieces. */
  readonly pieceBytes: number;
  /** A spool with more unread output than this loses its oldest half. */
  readonly backlogBytes: number;
  /** Consumed spool is given back to the file system in steps of this. A multiple of every file system's block. */
  readonly giveBackBytes: number;
  /** Size of one file of the kept log, and how many full ones are kept beside the current one. */
  readonly fileBytes: number;
  readonly keptFiles: number;
  /** How much of the kept log may have to be read to find out how far the spools are consumed. */
  readonly checkpointBytes: number;
  /** Lines of the supervisor itself that wait while the log cannot be written. */
  readonly maxNotes: number;
  /** The kernel tells of news; a look this often finds what it did not tell, and tries again what failed. Milliseconds. */
  readonly pollMs: number;
};

export const logLimits: LogLimits = {
  chunkBytes: 64 * KiB,
  maxPieces: 2000,
  pieceBytes: 16 * KiB,
  backlogBytes: 64 * MiB,
  giveBackBytes: 8 * MiB,
  fileBytes: 10 * MiB,
  keptFiles: 5,
  checkpointBytes: 256 * KiB,
  maxNotes: 100,
  pollMs: 2000,
};
