import { join } from 'node:path';

/** The unmodified libraries that are tested, each with an ordinary bot in test/system/bots. */
export const libraries = ['discord.js', '@discordjs/core', 'oceanic.js', 'discord.py'] as const;
export type Library = (typeof libraries)[number];
/** Pinned per library: what was measured, so that a change of the emulator or of a library is seen. */
export type PerLibrary<T> = Readonly<Record<Library, T>>;

const bots = join(import.meta.dirname, '../bots');

/** @throws Error when it was not said where Python with discord.py is */
export function commandOf(library: Library): { program: string; file: string; environment: NodeJS.ProcessEnv } {
  const node = (file: string) => ({ program: process.execPath, file: join(bots, file), environment: {} });
  if (library === 'discord.js') return node('discord-js.mjs');
  if (library === '@discordjs/core') return node('core.mjs');
  if (library === 'oceanic.js') return node('oceanic.mjs');
  const { DROAS_TEST_PYTHON: program, DROAS_TEST_PYTHONPATH } = process.env;
  if (program === undefined)
    throw new Error(
      'DROAS_TEST_PYTHON does not say which Python has discord.py: `npm run test:system` finds or fetches it',
    );
  return {
    program,
    file: join(bots, 'discord_py.py'),
    environment: { PYTHONPATH: DROAS_TEST_PYTHONPATH, PYTHONDONTWRITEBYTECODE: '1' },
  };
}
