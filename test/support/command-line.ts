import { PassThrough } from 'node:stream';
import { run } from '../../src/cli/run.ts';
import type { Wiring } from '../../src/cli/wiring.ts';
import { DroasError } from '../../src/core/errors.ts';

// Local times in the output are those of one place.
process.env['TZ'] = 'UTC';

export type Said = { readonly code: number; readonly out: string; readonly err: string };
export type Surroundings = {
  readonly socketPath?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** A terminal on all three streams; `typed` is what the person there types. */
  readonly tty?: boolean;
  readonly typed?: string;
  readonly wiring?: Partial<Wiring>;
  /** Called with what is written to stdout, as it is written. */
  readonly onOut?: (text: string) => void;
};

const notThere = (what: string) => (): never => {
  throw new Error(`${what} was not expected to be called`);
};

const bareWiring = (socketPath: string): Wiring => ({
  version: '0.1.0',
  stateDirectory: (flag) => flag ?? '/nonexistent/state',
  socketPath: (directory) => (directory === '/nonexistent/state' ? socketPath : `${directory}/droas.sock`),
  trustSocket: () => {},
  findConfig: async (flag) => {
    if (flag === undefined) throw new DroasError('CONFIG_NOT_FOUND', 'There is no droas.yaml.');
    return flag;
  },
  checkConfig: notThere('checkConfig'),
  configSchema: notThere('configSchema'),
  self: ['/nonexistent/droas'],
  startDaemon: notThere('startDaemon'),
  runDemo: notThere('runDemo'),
  startEmulator: notThere('startEmulator'),
  remains: async () => null,
});

/** Runs a command line in this process and gives back all that it said. */
export async function droas(argv: readonly string[], surroundings: Surroundings = {}): Promise<Said> {
  const { socketPath = '/nonexistent/droas.sock', tty = false, typed, env = { LANG: 'C.UTF-8' } } = surroundings;
  let out = '';
  let err = '';
  const input = new PassThrough();
  if (typed !== undefined) input.end(typed);
  const code = await run(
    argv,
    { ...bareWiring(socketPath), ...surroundings.wiring },
    {
      out: {
        isTTY: tty,
        write: (text: string) => {
          out += text;
          surroundings.onOut?.(text);
        },
      },
      err: {
        isTTY: tty,
        write: (text: string) => {
          err += text;
        },
      },
      input: Object.assign(input, { isTTY: tty }),
      env,
      outliveReaders: () => {},
    },
  );
  return { code, out, err };
}
