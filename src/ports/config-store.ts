import type { BotSpec, FleetSpec } from '../core/config/spec.ts';

/** The configuration files, which are the truth about what should exist. */
export interface ConfigStore {
  readonly path: string;
  /** @throws DroasError CONFIG_INVALID with every error, CONFIG_NOT_FOUND */
  load(): FleetSpec;
  /** Checks one bot as if it stood in `bots.d/<name>.yaml`. @throws CONFIG_INVALID */
  validate(name: string, document: Readonly<Record<string, unknown>>): BotSpec;
  /** Writes `bots.d/<name>.yaml` atomically. @throws CONFIG_UNWRITABLE, BOT_EXISTS */
  write(name: string, document: Readonly<Record<string, unknown>>): void;
  /** @throws CONFIG_UNWRITABLE, e.g. when the bot stands inside droas.yaml itself */
  remove(name: string): void;
}
