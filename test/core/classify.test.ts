import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { classify, describeExit, type EndFacts } from '../../src/core/restart/classify.ts';
import { refusalOf } from '../../src/core/restart/close-code.ts';
import { signalName } from '../../src/core/restart/signal-name.ts';
import type { Exit } from '../../src/core/restart/verdict.ts';

const code = (value: number): Exit => ({ kind: 'code', code: value });
const facts = (some: Partial<EndFacts>): EndFacts => ({
  exit: code(1),
  mode: 'always',
  gateway: null,
  ready: true,
  outage: false,
  ...some,
});
const disconnected = (closeCode: number | null): EndFacts['gateway'] => ({ state: 'disconnected', closeCode });

describe('classify: what Discord refuses for good', () => {
  const remedies = [
    [4004, /Developer Portal/],
    [4010, /below the shard count/],
    [4011, /raise the shard count/],
    [4012, /update the Discord library/],
    [4013, /correct the intents/],
    [4014, /switch on .*Presence, Server Members, Message Content/],
  ] as const;
  for (const [closeCode, remedy] of remedies) {
    for (const exitCode of [0, 1]) {
      test(`close code ${closeCode} is fatal with exit ${exitCode} and says what to do`, () => {
        for (const mode of ['always', 'on-failure', 'never'] as const) {
          const verdict = classify(
            facts({ exit: code(exitCode), gateway: disconnected(closeCode), mode, outage: true }),
          );
          assert.equal(verdict.cause, 'fatal');
          assert.equal(verdict.closeCode, closeCode);
          assert.deepEqual(verdict.exit, code(exitCode));
          assert.match(
            verdict.sentence,
            new RegExp(`close code ${closeCode}\\); the process exited with code ${exitCode}$`),
          );
          assert.match(verdict.remedy ?? '', remedy);
        }
      });
    }
  }

  test('each fatal code has a remedy of its own', () => {
    assert.equal(new Set(remedies.map(([closeCode]) => refusalOf(closeCode)?.remedy)).size, remedies.length);
  });

  for (const closeCode of [1000, 1001, 1006, 4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009]) {
    test(`close code ${closeCode} is the library's business, but is kept`, () => {
      const verdict = classify(facts({ gateway: disconnected(closeCode) }));
      assert.equal(verdict.cause, 'crash');
      assert.equal(verdict.closeCode, closeCode);
    });
  }

  test('a connection that became READY again has outlived its fatal close code', () => {
    assert.equal(classify(facts({ gateway: { state: 'ready', closeCode: 4014 } })).cause, 'crash');
  });

  test('a bot that reports fatal without a known code is believed', () => {
    const withCode = classify(facts({ gateway: { state: 'fatal', closeCode: 4999 }, exit: code(0) }));
    assert.equal(withCode.cause, 'fatal');
    assert.match(withCode.sentence, /refuses it for good \(close code 4999\)/);
    const without = classify(facts({ gateway: { state: 'fatal', closeCode: null } }));
    assert.match(without.sentence, /refuses it for good; the process/);
    assert.match(without.remedy ?? '', /log/);
  });

  test("a 401 on the bot's own token is fatal", () => {
    const verdict = classify(facts({ unauthorized: true }));
    assert.equal(verdict.cause, 'fatal');
    assert.match(verdict.sentence, /401/);
    assert.match(verdict.remedy ?? '', /Developer Portal/);
    assert.equal(classify(facts({ unauthorized: false })).cause, 'crash');
  });
});

describe('classify: what could not be executed', () => {
  test('a command that was not found or may not be executed is fatal', () => {
    const missing = classify(facts({ exit: { kind: 'not-executed', code: 127 }, outage: true }));
    assert.equal(missing.cause, 'fatal');
    assert.match(missing.sentence, /was not found \(exit 127\)/);
    const forbidden = classify(facts({ exit: { kind: 'not-executed', code: 126 } }));
    assert.equal(forbidden.cause, 'fatal');
    assert.match(forbidden.sentence, /could not be executed \(exit 126\)/);
    assert.match(forbidden.remedy ?? '', /command/);
  });

  for (const exitCode of [126, 127]) {
    test(`a plain exit ${exitCode} means the same before readiness, and a crash after it`, () => {
      assert.equal(classify(facts({ exit: code(exitCode), ready: false })).cause, 'fatal');
      assert.equal(classify(facts({ exit: code(exitCode), ready: true })).cause, 'crash');
    });
  }

  test('neighbouring codes are ordinary crashes', () => {
    for (const exitCode of [125, 128])
      assert.equal(classify(facts({ exit: code(exitCode), ready: false })).cause, 'crash');
  });
});

describe('classify: crashes', () => {
  const rows: readonly [Exit | null, string][] = [
    [code(1), 'exited with code 1'],
    [{ kind: 'signal', signal: 11 }, 'ended by SIGSEGV: signal 11'],
    [{ kind: 'signal', signal: 34 }, 'ended by signal 34'],
    [{ kind: 'either', code: 137, signal: 9 }, 'ended by SIGKILL: signal 9 (or exit 137)'],
    [{ kind: 'either', code: 192, signal: 64 }, 'ended by signal 64 (or exit 192)'],
    [{ kind: 'unknown' }, 'ended, and nobody recorded how'],
    [null, 'ended, and nobody recorded how'],
  ];
  for (const [exit, sentence] of rows) {
    test(`${sentence} counts as a crash in every mode`, () => {
      for (const mode of ['always', 'on-failure', 'never'] as const) {
        assert.deepEqual(classify(facts({ exit, mode })), {
          cause: 'crash',
          sentence,
          remedy: null,
          exit,
          closeCode: null,
        });
      }
    });
  }

  test('exit 0 of a bot that should run is a crash and says so', () => {
    const verdict = classify(facts({ exit: code(0), ready: false }));
    assert.equal(verdict.cause, 'crash');
    assert.equal(verdict.sentence, 'exited with code 0 although it should run');
  });

  test('exit 0 is clean for a bot that may end, and only exit 0', () => {
    for (const mode of ['on-failure', 'never'] as const) {
      const verdict = classify(facts({ exit: code(0), mode, outage: true }));
      assert.equal(verdict.cause, 'clean');
      assert.equal(verdict.sentence, 'exited with code 0');
      assert.equal(classify(facts({ exit: { kind: 'unknown' }, mode })).cause, 'crash');
    }
  });

  test('a lack of memory is named, whatever the exit looks like, and is no outage', () => {
    const verdict = classify(facts({ exit: code(0), mode: 'on-failure', oom: true, outage: true }));
    assert.equal(verdict.cause, 'crash');
    assert.equal(verdict.sentence, 'killed for lack of memory: exited with code 0');
    assert.match(verdict.remedy ?? '', /leak/);
    assert.equal(classify(facts({ exit: code(0), mode: 'on-failure', oom: false })).cause, 'clean');
  });

  test('the sentence says that it was not ready, and quotes the last error line, shortened', () => {
    const verdict = classify(facts({ ready: false, lastStderr: '  Error: no such module\n' }));
    assert.equal(verdict.sentence, 'exited with code 1 before it was ready: Error: no such module');
    assert.equal(classify(facts({ lastStderr: ' ' })).sentence, 'exited with code 1');
    const limit = 160;
    assert.ok(classify(facts({ lastStderr: 'x'.repeat(limit) })).sentence.endsWith('x'));
    const long = classify(facts({ lastStderr: 'x'.repeat(limit + 1) })).sentence;
    assert.equal(long, `exited with code 1: ${'x'.repeat(limit)}…`);
  });
});

describe('classify: excuses', () => {
  test('an end during an outage does not count', () => {
    const verdict = classify(facts({ gateway: disconnected(1006), outage: true }));
    assert.equal(verdict.cause, 'outage');
    assert.match(verdict.sentence, /^exited with code 1 while Discord was out of reach/);
    assert.equal(classify(facts({ exit: code(0), outage: true })).cause, 'outage');
  });

  test('a bot that is never restarted is not waited for either', () => {
    assert.equal(classify(facts({ mode: 'never', outage: true })).cause, 'crash');
    assert.equal(classify(facts({ mode: 'on-failure', outage: true })).cause, 'outage');
  });
});

test('signals have their Linux names', () => {
  const known = {
    1: 'SIGHUP',
    2: 'SIGINT',
    6: 'SIGABRT',
    7: 'SIGBUS',
    9: 'SIGKILL',
    11: 'SIGSEGV',
    13: 'SIGPIPE',
    15: 'SIGTERM',
    19: 'SIGSTOP',
    31: 'SIGSYS',
  };
  for (const [signal, name] of Object.entries(known)) assert.equal(signalName(Number(signal)), name);
  for (const none of [0, 32, 64, -1]) assert.equal(signalName(none), null);
});

test('an exit that was not executed reads as an exit code', () => {
  assert.match(describeExit({ kind: 'not-started' }), /^was never started: its supervisor ended/);
  assert.equal(describeExit({ kind: 'not-executed', code: 127 }), 'exited with code 127');
});

test('what was never started is no crash, whatever else is known: its supervisor died in the middle of the start', () => {
  for (const more of [{}, { outage: true }, { mode: 'never' as const }]) {
    const verdict = classify(facts({ exit: { kind: 'not-started' }, ...more }));
    assert.deepEqual([verdict.cause, verdict.remedy], ['environment', null]);
    assert.match(verdict.sentence, /never started/);
  }
});
