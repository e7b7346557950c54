import { DroasError } from '../core/errors.ts';
import { Client } from './client.ts';
import { Output } from './output.ts';
import type { Terminal } from './terminal.ts';
import type { Remains, Wiring } from './wiring.ts';

export type GlobalOptions = {
  readonly json?: true;
  readonly quiet?: true;
  readonly color: boolean;
  readonly host?: string;
  readonly state?: string;
};

/** What every command works with. */
export type Context = {
  readonly output: Output;
  readonly client: Client;
  readonly wiring: Wiring;
  readonly terminal: Terminal;
  readonly stateDirectory: string;
  /** What a supervisor that is gone left behind; null when that is unknown. */
  remains(): Promise<Remains | null>;
};

export function createContext(options: GlobalOptions, wiring: Wiring, terminal: Terminal): Context {
  const stateDirectory = wiring.stateDirectory(options.state);
  const socketPath = options.host === undefined ? wiring.socketPath(stateDirectory) : socketOf(options.host);
  wiring.trustSocket(socketPath);
  const output = new Output(
    { json: options.json === true, quiet: options.quiet === true, color: options.color },
    terminal,
  );
  return {
    output,
    client: new Client(socketPath),
    wiring,
    terminal,
    stateDirectory,
    remains: async () => (options.host === undefined ? wiring.remains(stateDirectory) : null),
  };
}

function socketOf(host: string): string {
  const path = /^unix:\/\/(\/.+)$/.exec(host)?.[1];
  if (path !== undefined) return path;
  throw new DroasError('USAGE', `--host takes unix:///path/of/the.sock, not '${host}'.`);
}
