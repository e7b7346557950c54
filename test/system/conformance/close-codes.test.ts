import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exercise } from './exercise.ts';
import { libraries, type PerLibrary } from './libraries.ts';
import { measured } from './table.ts';

/**
 * What each library does when a connection that serves is closed with a code: every code that Discord documents, 4006
 * that it once had, and the two that end a session. The bots are ordinary: nothing else keeps their event loop alive.
 */
const row = (discordJs: string, core: string, oceanic: string, discordPy: string): PerLibrary<string> => ({
  'discord.js': discordJs,
  '@discordjs/core': core,
  'oceanic.js': oceanic,
  'discord.py': discordPy,
});
const resumes = 'resumes';
const identifies = 'identifies, 2 lost';

const after: Readonly<Record<number, PerLibrary<string>>> = {
  1000: row(identifies, identifies, identifies, identifies),
  1001: row(identifies, identifies, identifies, identifies),
  4000: row(resumes, resumes, resumes, resumes),
  4001: row(resumes, resumes, resumes, resumes),
  4002: row(resumes, resumes, resumes, resumes),
  4003: row(identifies, identifies, identifies, resumes),
  4004: row('exit 0', 'exit 1', 'exit 0', 'exit 1'),
  4005: row(identifies, identifies, resumes, resumes),
  4006: row(resumes, resumes, resumes, resumes),
  // oceanic.js resumes from the beginning of the session.
  4007: row(identifies, identifies, 'resumes, 1 twice', resumes),
  4008: row(identifies, identifies, resumes, resumes),
  4009: row(resumes, resumes, resumes, resumes),
  4010: row('exit 0', 'exit 1', 'exit 0', 'exit 1'),
  4011: row('exit 0', 'exit 1', 'exit 0', 'exit 1'),
  4012: row('exit 0', 'exit 1', 'exit 0', 'exit 1'),
  4013: row('exit 0', 'exit 1', 'exit 0', 'exit 1'),
  4014: row('exit 0', 'exit 1', 'exit 0', 'exit 1'),
};

describe('a connection closed by Discord', { concurrency: 10 }, () => {
  for (const [code, expected] of Object.entries(after))
    for (const library of libraries)
      it(`${library} after ${code}: ${expected[library]}`, async () => {
        const result = await exercise(library, ({ faults }, id) => faults.close(id, Number(code)));
        measured(`close ${code}`, library, result);
        assert.equal(result, expected[library]);
      });
});
