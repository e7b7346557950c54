import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openJournal } from '../../src/adapters/sqlite/journal.ts';
import { createClock } from '../../src/adapters/system/clock.ts';
import { newChild } from '../../src/core/lifecycle/state.ts';
import type { NewEvent } from '../../src/ports/journal.ts';
import type { Ground } from '../support/ground.ts';
import type { Findings } from '../support/section.ts';

const warmUpCommits = 100;
/** What SQLite appends to its log for one small commit: two pages, each with its header. */
const walBytes = 2 * (4096 + 24);

/**
 * The journal in this process, on the file system of all other measurements, and beside it what the disk alone takes
 * for as many bytes: the journal can be no faster.
 */
export async function journalAppends(ground: Ground, commits: number): Promise<Findings> {
  const stateDirectory = ground.folder('journal');
  const { journal } = openJournal({ stateDirectory, clock: createClock() });
  try {
    const append = (n: number) => {
      const incarnation = 1 + Math.floor(n / 10);
      const name = `bot-${n % 10}`;
      const child = {
        ...newChild('running'),
        incarnation,
        restarts: incarnation - 1,
        attempts: [n, n + 1, n + 2],
        lastVerdict: { cause: 'crash', sentence: 'killed by SIGKILL', remedy: null, exit: null, closeCode: null },
      } as const;
      journal.commit({ bots: [{ name, child }], events: [exitOf(name, incarnation)] });
    };
    return {
      rows: [
        {
          what: 'journal: event and bot state durable (synchronous FULL)',
          unit: 'ms',
          samples: timed(commits, append),
          target: { statistic: 'p99', relation: '≤', limit: 5 },
        },
        { what: '  the disk alone: write and fsync of as many bytes', unit: 'ms', samples: diskAlone(ground, commits) },
      ],
    };
  } finally {
    journal.close();
  }
}

const exitOf = (bot: string, incarnation: number): NewEvent => ({
  atWallMs: Date.now(),
  bot,
  incarnation,
  type: 'bot.exited',
  severity: 'warning',
  sentence: 'ended: killed by SIGKILL (signal 9 or exit 137)',
  detail: {
    incarnation,
    verdict: {
      cause: 'crash',
      sentence: 'killed by SIGKILL',
      remedy: null,
      exit: { kind: 'signal', signal: 9 },
      closeCode: null,
    },
  },
});

function diskAlone(ground: Ground, writes: number): readonly number[] {
  const path = join(ground.directory, 'plain');
  const bytes = randomBytes(walBytes);
  const file = openSync(path, 'wx', 0o600);
  try {
    return timed(writes, () => {
      writeSync(file, bytes);
      fsyncSync(file);
    });
  } finally {
    closeSync(file);
    rmSync(path);
  }
}

function timed(times: number, act: (n: number) => void): readonly number[] {
  const samples: number[] = [];
  for (let n = -warmUpCommits; n < times; n++) {
    const startedMs = performance.now();
    act(n + warmUpCommits);
    if (n >= 0) samples.push(performance.now() - startedMs);
  }
  return samples;
}
