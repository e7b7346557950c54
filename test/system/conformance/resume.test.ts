import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Exercise, exercise, type Fault } from './exercise.ts';
import { libraries, type PerLibrary } from './libraries.ts';
import { measured } from './table.ts';

/** Everything after which a session goes on: 0 IDENTIFYs, nothing lost, nothing twice. */
const resumes: PerLibrary<string> = {
  'discord.js': 'resumes',
  '@discordjs/core': 'resumes',
  'oceanic.js': 'resumes',
  'discord.py': 'resumes',
};
const identifies: PerLibrary<string> = {
  'discord.js': 'identifies, 2 lost',
  '@discordjs/core': 'identifies, 2 lost',
  'oceanic.js': 'identifies, 2 lost',
  'discord.py': 'identifies, 2 lost',
};

const interruptions: Readonly<Record<string, { fault: Fault; expected: PerLibrary<string>; options?: Exercise }>> = {
  'op 7': { fault: ({ faults }, id) => faults.reconnect(id), expected: resumes },
  'TCP drop': { fault: ({ faults }, id) => faults.drop(id), expected: resumes },
  'op 9, resumable': { fault: ({ faults }, id) => faults.invalidate(id, true), expected: resumes },
  'op 9, not resumable': { fault: ({ faults }, id) => faults.invalidate(id, false), expected: identifies },
  'zombie connection': {
    fault: ({ faults }, id) => faults.freeze(id),
    expected: resumes,
    options: { limits: { heartbeatIntervalMs: 2_000 }, heartbeatTimeout: 5 },
  },
};

describe('an interrupted session', { concurrency: 6 }, () => {
  for (const [name, { fault, expected, options }] of Object.entries(interruptions))
    for (const library of libraries)
      it(`${library} after ${name}: ${expected[library]}`, async () => {
        const result = await exercise(library, fault, options);
        measured(name, library, result);
        assert.equal(result, expected[library]);
      });
});
