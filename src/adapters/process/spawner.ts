import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isBotName } from '../../core/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  ChildProcess,
  Intent,
  ProcessWatcher,
  Spawner,
  SpawnOrder,
  Survey,
  Survivor,
  UntrustedBot,
} from '../../ports/spawner.ts';
import { bootId } from '../system/boot-id.ts';
import { resolveProgram } from './command.ts';
import { directStarter } from './direct-starter.ts';
import { createForkServer } from './fork-server.ts';
import { Incarnation, type Surroundings } from './incarnation.ts';
import { launch } from './launch.ts';
import { ensureOurDirectory, Foreign, requireOurDirectory, unwritable } from './private-files.ts';
import { Pulse } from './pulse.ts';
import { RunDirectory, runRoot } from './run-directory.ts';
import { inspectMachine, type Machine, shimArguments } from './shim.ts';

export type SpawnerOptions = {
  readonly stateDirectory: string;
  readonly clock: Clock;
  /** Told, in a sentence for people, of each thing in the run directories that we did not make. It was left alone. */
  readonly onOddity: (sentence: string) => void;
  /** What the shim is made of; found out when not given. */
  readonly machine?: Machine;
};

/**
 * Starts bots under a shim and finds them again. The run directory is the only memory: what one spawner started, another
 * one, in another process, takes over.
 * @throws DroasError STATE_UNWRITABLE, or SPAWN_FAILED on a system without /proc.
 */
export function createSpawner({
  stateDirectory,
  clock,
  onOddity,
  machine = inspectMachine(),
}: SpawnerOptions): Spawner {
  const starter = machine.perl === null ? directStarter : createForkServer(machine.perl);
  const root = runRoot(resolve(stateDirectory));
  const around: Surroundings = { clock, onOddity, pulse: new Pulse(clock), bootId: bootId() };
  try {
    ensureOurDirectory(root);
  } catch (cause) {
    throw unwritable(cause, `The run directories cannot be kept in ${root}`);
  }

  async function spawn(order: SpawnOrder, watcher: ProcessWatcher): Promise<ChildProcess> {
    const [, ...args] = order.command;
    const command = [resolveProgram(order), ...args];
    const intent: Intent = {
      version: 1,
      bot: order.bot,
      incarnation: order.incarnation,
      run: randomBytes(16).toString('hex'),
      bootId: around.bootId,
      specHash: order.specHash,
      keyHash: order.keyHash,
      spawnedAtMs: clock.monotonicMs(),
      spawnedAtWallMs: clock.wallMs(),
    };
    const directory = new RunDirectory(root, order.bot, order.incarnation);
    await directory.prepare(intent);
    const { bot, incarnation, cwd, env, oomScoreAdj } = order;
    const argv = shimArguments(machine, { directory: directory.path, oomScoreAdj, command });
    const shim = { cwd, env: { ...env, DROAS_RUN: intent.run }, spools: directory.spools, argv };
    try {
      await launch({ bot, incarnation, shim, starter, directory, clock });
    } catch (error) {
      await directory.remove();
      throw error;
    }
    return new Incarnation(directory, intent, watcher, around);
  }

  /**
   * Null for the rest of a making or a removal, which is cleared away.
   * @throws Foreign, or the system's error, when it cannot be told what is there.
   */
  async function inspect(bot: string, incarnation: number): Promise<Survivor | null> {
    const directory = new RunDirectory(root, bot, incarnation);
    const intent = directory.intent();
    if (intent === null) {
      if (!directory.isRemnant()) throw new Foreign(`${directory.path} has files but no intent; it was left alone`);
      await directory.remove().catch((error: Error) => {
        onOddity(`${directory.path} could not be removed: ${error.message}`);
      });
      return null;
    }
    directory.requireOurRecords();
    return { intent, adopt: (watcher) => new Incarnation(directory, intent, watcher, around) };
  }

  async function survey(): Promise<Survey> {
    const survivors: Survivor[] = [];
    const untrusted = new Map<string, UntrustedBot>();
    /** What fails may hide a living incarnation: it is told of, and the bot is not trusted. */
    const guarded = async (bot: string, path: string, act: () => Promise<void>): Promise<void> => {
      try {
        await act();
      } catch (error) {
        const sentence =
          error instanceof Foreign
            ? error.message
            : `${path} cannot be inspected (${(error as Error).message}); it was left alone`;
        onOddity(sentence);
        if (!untrusted.has(bot)) untrusted.set(bot, { bot, sentence });
      }
    };
    for (const bot of readdirSync(root)) {
      const path = join(root, bot);
      if (!isBotName(bot)) {
        onOddity(`${path} is not the directory of a bot; it was left alone`);
        continue;
      }
      await guarded(bot, path, async () => {
        requireOurDirectory(path);
        for (const name of readdirSync(path)) {
          if (/^desired(\.new)?$/.test(name)) continue;
          const run = join(path, name);
          if (!/^[1-9]\d{0,14}$/.test(name)) {
            onOddity(`${run} is no run; it was left alone`);
            continue;
          }
          await guarded(bot, run, async () => {
            const survivor = await inspect(bot, Number(name));
            if (survivor !== null) survivors.push(survivor);
          });
        }
      });
    }
    return { survivors, untrusted: [...untrusted.values()] };
  }

  return { spawn, survey, close: () => starter.close() };
}
