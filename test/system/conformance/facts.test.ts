import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Emulator, EmulatorOptions } from '../../../src/emulator/index.ts';
import { createEmulator } from '../../../src/emulator/index.ts';
import { Bot, type BotOptions } from './bot.ts';
import { type Library, libraries, type PerLibrary } from './libraries.ts';
import { outcomeOf } from './outcome.ts';
import { measured } from './table.ts';

/** What a supervisor has to know because neither the process nor its exit code says it. */
const row = <T>(discordJs: T, core: T, oceanic: T, discordPy: T): PerLibrary<T> => ({
  'discord.js': discordJs,
  '@discordjs/core': core,
  'oceanic.js': oceanic,
  'discord.py': discordPy,
});

/** @throws AssertionError unless it measures what is expected */
function each(name: string, expected: PerLibrary<string>, measure: (library: Library) => Promise<string>): void {
  for (const library of libraries)
    it(`${library}, ${name}: ${expected[library]}`, async () => {
      const result = await measure(library);
      measured(name, library, result);
      assert.equal(result, expected[library]);
    });
}

describe('a code that allows no reconnect, while something keeps the event loop alive', { concurrency: 8 }, () => {
  const forever = 'alive, disconnected for ever';
  for (const code of [4004, 4014])
    each(`close ${code}, with a timer`, row(forever, 'exit 1', forever, 'exit 1'), async (library) => {
      await using emulator = await createEmulator();
      const application = emulator.createApplication();
      await using bot = new Bot(library, emulator, application, { timer: true });
      await bot.serves();
      const after = emulator.ledger.lastSeq;
      emulator.faults.close(application.id, code);
      const outcome = await outcomeOf(bot, emulator, application, after);
      assert.equal(emulator.isOnline(application.id), false);
      return outcome;
    });
});

describe('a start that can never succeed', { concurrency: 8 }, () => {
  const started = async (library: Library, limits: EmulatorOptions, wishes: BotOptions, code: number) => {
    await using emulator = await createEmulator(limits);
    const application = emulator.createApplication({ guilds: 2 });
    await using bot = new Bot(library, emulator, application, wishes);
    const exit = await bot.exited;
    const refused = emulator.ledger.entries({ type: 'identify-refused', applicationId: application.id });
    assert.deepEqual(
      refused.map(({ closeCode }) => closeCode),
      [code],
    );
    return `exit ${exit}`;
  };
  const exits = row('exit 1', 'exit 1', 'exit 0', 'exit 1');
  each('4011 at IDENTIFY', exits, (library) => started(library, { guildsPerShard: 1 }, {}, 4011));
  each('4013 at IDENTIFY', exits, (library) => started(library, {}, { intents: 1 << 23 }, 4013));
  each('4014 at IDENTIFY', exits, (library) => started(library, {}, { privileged: true }, 4014));

  each('a wrong token', row('exit 1', 'exit 1', 'exit 1', 'exit 1'), async (library) => {
    await using emulator = await createEmulator();
    const application = emulator.createApplication();
    const token = `${application.token.slice(0, -1)}${application.token.endsWith('x') ? 'y' : 'x'}`;
    await using bot = new Bot(library, emulator, application, { token });
    const exit = await bot.exited;
    assert.equal(emulator.ledger.count('identify'), 0);
    return `exit ${exit}`;
  });
});

describe('a gateway that closes with 4002 before READY', { concurrency: 8 }, () => {
  /** Least and most milliseconds from one attempt to the next: none of them backs off, and none gives up. */
  type Storm = readonly [least: number, most: number];
  const everyHalfSecond: Storm = [450, 1_000];
  const everyFiveSeconds: Storm = [4_500, 8_000];
  const places: Record<'hello' | 'identify', PerLibrary<Storm | 'exit 1'>> = {
    hello: row<Storm | 'exit 1'>(everyHalfSecond, everyHalfSecond, everyFiveSeconds, 'exit 1'),
    // All but discord.py spend an IDENTIFY each time: a day's budget is gone within 84 minutes.
    identify: row(everyFiveSeconds, everyFiveSeconds, everyFiveSeconds, [0, 400]),
  };
  for (const on of ['hello', 'identify'] as const)
    for (const library of libraries) {
      const expected = places[on][library];
      const name = `close 4002 at ${on.toUpperCase()}`;
      if (expected === 'exit 1')
        it(`${library}, ${name}: ends`, async () => {
          await using emulator = await createEmulator();
          emulator.faults.set({ fault: 'close', code: 4002, on });
          await using bot = new Bot(library, emulator, emulator.createApplication());
          const result = `exit ${await bot.exited}`;
          measured(name, library, result);
          assert.equal(result, expected);
        });
      else
        it(`${library}, ${name}: tries again after ${expected.join(' to ')} ms, for ever`, async () => {
          const [least, most] = expected;
          await using emulator = await createEmulator();
          emulator.faults.set({ fault: 'close', code: 4002, on });
          await using bot = new Bot(library, emulator, emulator.createApplication());
          const attempts = least > 1_000 ? 4 : 8;
          await emulator.ledger.waitFor({ type: 'connect' }, { count: attempts, timeoutMs: 50_000 });
          const middle = medianGap(emulator, attempts);
          measured(name, library, `again every ${middle} ms`);
          assert.ok(bot.isAlive && middle >= least && middle <= most, `again every ${middle} ms`);
          assert.equal(emulator.ledger.count('ready'), 0);
        });
    }
});

function medianGap({ ledger }: Emulator, attempts: number): number {
  const times = ledger.entries({ type: 'connect' }).map(({ atMs }) => atMs);
  const gaps = times.slice(1, attempts).map((atMs, index) => atMs - (times[index] ?? 0));
  return Math.round(gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0);
}

describe('a bot that is killed after READY and started at once', { concurrency: 4 }, () => {
  /** The window of 5 s is that of the token; the libraries know only that of their own process. */
  const expected = 'op 9, then serves: 3 IDENTIFYs';
  for (const library of libraries)
    it(`${library} spends IDENTIFYs on the window`, async () => {
      await using emulator = await createEmulator();
      const application = emulator.createApplication();
      const { id } = application;
      {
        await using first = new Bot(library, emulator, application);
        await emulator.ledger.waitFor({ type: 'ready', applicationId: id }, { timeoutMs: 30_000 });
        assert.ok(first.isAlive);
      }
      await using bot = new Bot(library, emulator, application);
      if (library === 'oceanic.js') {
        // It answers op 9 at once with the next IDENTIFY, until its own limit of sends stops it.
        await emulator.ledger.waitFor({ type: 'identify', applicationId: id }, { count: 100, timeoutMs: 30_000 });
        return measured('killed and started at once', library, 'op 9 again and again: > 100 IDENTIFYs');
      }
      await bot.serves();
      const count = emulator.ledger.count('identify', id);
      const result = `op 9, then serves: ${count} IDENTIFYs`;
      measured('killed and started at once', library, result);
      assert.equal(result, expected);
      assert.equal(emulator.ledger.count('invalid-session', id), 1);
    });
});
