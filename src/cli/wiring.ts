import type { EventView, LogLineView } from '../protocol/api.ts';
import type { Fleet } from '../runtime/fleet.ts';

/** A supervisor in this process. */
export type Daemon = {
  readonly socketPath: string;
  /** Resolves with the exit code when the supervisor has ended. */
  readonly done: Promise<number>;
  /** Drains: stops the bots, then ends. A second call grants no grace. */
  stop(reason: string): void;
  readonly fleet: Fleet;
};

export type EmulatorWishes = {
  readonly port: number;
  /** An address of this machine. */
  readonly bind: string;
  /** Whether the address may be one that others reach. */
  readonly allowRemote: boolean;
  /** Path of a fault script. */
  readonly script?: string | undefined;
  /** Makes random faults repeatable; instead of the script's, or one that is drawn. */
  readonly seed?: number | undefined;
};

export type Emulator = {
  readonly url: string;
  readonly gatewayUrl: string;
  readonly llmUrl: string;
  readonly pageUrl: string;
  readonly seed: number;
  readonly applications: readonly {
    readonly name: string;
    readonly token: string;
    readonly channelIds: readonly string[];
  }[];
  /** What the fault script names and is not there yet. */
  readonly warnings: readonly string[];
  close(): Promise<void>;
};

/** What a supervisor that is gone left behind, read-only. */
export type Remains = {
  events(query: {
    afterSeq?: number;
    sinceMs?: number;
    bot?: string;
    type?: string;
    limit: number;
  }): readonly EventView[];
  logs(bot: string, query: { limit: number; sinceMs?: number }): Promise<readonly LogLineView[]>;
  bots(): readonly { readonly name: string; readonly desired: string; readonly state: string }[];
  close(): void;
};

/** Everything that the command line needs and does not do itself. `main` provides it; nothing is loaded before its call. */
export type Wiring = {
  readonly version: string;
  stateDirectory(flag: string | undefined): string;
  socketPath(stateDirectory: string): string;
  /** @throws DroasError NOT_ALLOWED when the socket may be somebody else's */
  trustSocket(path: string): void;
  /** The absolute path of the configuration. @throws DroasError CONFIG_NOT_FOUND */
  findConfig(flag: string | undefined): Promise<string>;
  /** @throws DroasError CONFIG_INVALID, with every fault as a detail */
  checkConfig(path: string): Promise<{ readonly bots: number; readonly services: number; readonly capacity: number }>;
  configSchema(): Promise<unknown>;
  /** Runs `droas` in a process of its own: program and first arguments. */
  readonly self: readonly [string, ...string[]];
  startDaemon(options: { configPath: string; stateDirectory: string; foreground: boolean }): Promise<Daemon>;
  runDemo(options: { check: boolean; json: boolean }): Promise<number>;
  /** @throws DroasError CONFIG_INVALID for a wrong script; USAGE, NOT_ALLOWED for an address that cannot be had */
  startEmulator(options: EmulatorWishes): Promise<Emulator>;
  /** null when there is nothing to read. */
  remains(stateDirectory: string): Promise<Remains | null>;
};
