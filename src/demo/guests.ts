import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { packageDirectory } from '../version.ts';

/** An ordinary bot of the examples, on a library that knows nothing of DROAS. */
export type Guest = {
  readonly name: string;
  readonly library: string;
  /** The slash command that it answers. */
  readonly command: string;
  readonly program: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** Puts what it consists of into a directory of its own. */
  install(directory: string): void;
};

/** One that cannot run here, and why. */
export type Absent = { readonly name: string; readonly library: string; readonly why: string };

/** The examples that this machine can run: the published package has none, and not everybody has Python. */
export function findGuests(from = packageDirectory): {
  readonly present: readonly Guest[];
  readonly absent: readonly Absent[];
} {
  const found = [counter(from), dice(from)];
  return {
    present: found.filter((one) => 'program' in one),
    absent: found.filter((one) => 'why' in one),
  };
}

function counter(from: string): Guest | Absent {
  const who = { name: 'counter', library: 'discord.js' };
  const example = join(from, 'examples/discord-js');
  if (!existsSync(example)) return { ...who, why: 'the examples are not part of the published package' };
  const discordJs = packageOf('discord.js', from);
  if (discordJs === null) return { ...who, why: 'npm install discord.js' };
  return {
    ...who,
    command: 'count',
    program: [process.execPath, '--disable-warning=ExperimentalWarning', 'bot.js'],
    env: { DATABASE: 'counts.db' },
    install(directory) {
      cpSync(example, directory, { recursive: true });
      const modules = join(directory, 'node_modules');
      mkdirSync(modules);
      symlinkSync(discordJs, join(modules, 'discord.js'));
      symlinkSync(from, join(modules, 'droas'));
    },
  };
}

function dice(from: string): Guest | Absent {
  const who = { name: 'dice', library: 'discord.py' };
  const example = join(from, 'examples/discord-py');
  if (!existsSync(example)) return { ...who, why: 'the examples are not part of the published package' };
  const { PYTHONPATH } = process.env;
  const python = ['python3', '/usr/bin/python3'].find(hasDiscordPy);
  if (python === undefined) return { ...who, why: 'no python3 with discord.py 2 (apt install python3-discord)' };
  return {
    ...who,
    command: 'roll',
    program: [python, 'bot.py'],
    env: { DATABASE: 'dice.db', PYTHONUNBUFFERED: '1', ...(PYTHONPATH === undefined ? {} : { PYTHONPATH }) },
    install(directory) {
      cpSync(example, directory, { recursive: true });
      cpSync(join(from, 'clients/python/droas.py'), join(directory, 'droas.py'));
    },
  };
}

/** Where a package is that can be imported from a directory, or null. */
function packageOf(name: string, from: string): string | null {
  try {
    const manifest = findPackageJSON(name, join(from, 'package.json'));
    return manifest === undefined ? null : realpathSync(dirname(manifest));
  } catch {
    return null;
  }
}

function hasDiscordPy(python: string): boolean {
  try {
    execFileSync(python, ['-c', 'import discord, sys; sys.exit(discord.version_info[0] != 2)'], {
      stdio: 'ignore',
      timeout: 10_000,
    });
    return true;
  } catch {
    return false;
  }
}
