type Sink = { write(text: string): unknown; readonly isTTY?: boolean };

/** Where a command reads and writes. */
export type Terminal = {
  readonly out: Sink;
  readonly err: Sink;
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
  /** From now on nobody needs to read what we write: a supervisor does not end because its output is closed. */
  outliveReaders(): void;
};

/** That of this process. Until `outliveReaders` it ends, quietly, when nobody reads its output any more. */
export function ownTerminal(): Terminal {
  let outliving = false;
  const onError = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (!outliving) process.exit(0);
  };
  process.stdout.on('error', onError);
  process.stderr.on('error', onError);
  return {
    out: process.stdout,
    err: process.stderr,
    input: process.stdin,
    env: process.env,
    outliveReaders: () => {
      outliving = true;
    },
  };
}
