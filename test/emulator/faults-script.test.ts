import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkScript, createEmulator } from '../../src/emulator/index.ts';
import { RawClient } from './raw-client.ts';
import { VirtualClock } from './virtual-clock.ts';

const sound = (document: unknown) => {
  const { script, problems } = checkScript(document);
  assert.deepEqual(problems, []);
  assert.ok(script);
  return script;
};
const complaints = (document: unknown) =>
  checkScript(document).problems.map(
    ({ path, at, what, unknown }) => `${path.join('.')} ${at}: ${what}${unknown ? ` (${unknown.word})` : ''}`,
  );

describe('a fault script', () => {
  it('is read with durations as text, and defaults', () => {
    const { seed, steps } = sound({
      seed: 7,
      steps: [
        { at: '5s', fault: 'drop' },
        { every: '1.5m', times: 3, fault: 'freeze', part: 'acks', target: 'greeter', for: '10s' },
        { after: 'ready', at: '500ms', fault: 'clock-offset', offset: '-1h', count: 2 },
        { after: 'ready', times: 2, fault: 'llm-error', status: 429, retryAfter: '2s' },
      ],
    });
    assert.equal(seed, 7);
    assert.deepEqual(
      steps.map(({ after, atMs, everyMs, times }) => [after, atMs, everyMs, times]),
      [
        [null, 5_000, null, 1],
        [null, 90_000, 90_000, 3],
        ['ready', 500, null, 1],
        ['ready', 0, null, 2],
      ],
    );
    const faults = steps.map(({ fault }) => fault);
    assert.deepEqual(faults[0], { fault: 'drop', target: '*', probability: 1, on: 'serving' });
    assert.deepEqual(faults[1], { fault: 'freeze', target: 'greeter', probability: 1, part: 'acks', forMs: 10_000 });
    assert.deepEqual(faults[2], { fault: 'clock-offset', target: '*', probability: 1, offsetMs: -3_600_000, count: 2 });
    assert.deepEqual(faults[3], {
      fault: 'llm-error',
      target: 'llm',
      probability: 1,
      status: 429,
      retryAfterMs: 2_000,
    });
  });

  it('is judged with every mistake at its place', () => {
    assert.deepEqual(complaints(null), [' value: expected a map with `steps`']);
    assert.deepEqual(complaints({ step: [], seed: -1 }), [
      'step key: this is not known here (step)',
      'seed value: expected a whole number from 0 to 4294967295',
      'steps value: expected a list of faults',
    ]);
    assert.deepEqual(
      complaints({
        steps: [
          7,
          {},
          { fault: 'frezze', at: 5 },
          { fault: 'drop', targt: 'x', times: 2 },
          { fault: 'freeze', part: 'nothing', for: 10, every: '0s' },
          { fault: 'latency' },
          { fault: 'latency', delay: 5 },
          { fault: 'close', after: 'redy', code: 'x' },
          { fault: 'drop', at: { toString: false } },
        ],
      }),
      [
        'steps.0 value: expected a map with a `fault`',
        'steps.1.fault value: a step needs a `fault`',
        'steps.2.at value: expected a duration such as 500ms, 10s or 5m',
        'steps.2.fault value: there is no such fault (frezze)',
        'steps.3.times value: `times` needs `every` or `after`: what is to be repeated?',
        'steps.3.targt key: this is not known here (targt)',
        'steps.4.every value: expected at least 1ms',
        'steps.4.for value: expected a duration such as 10s',
        'steps.4.part value: Invalid option: expected one of "all"|"acks"|"dispatches"',
        'steps.5.delay value: Invalid input: expected number, received undefined',
        'steps.6.delay value: expected a duration such as 10s',
        'steps.7.after value: there is no such entry in the ledger (redy)',
        'steps.7.code value: Invalid input: expected number, received string',
        'steps.8.at value: expected a duration such as 500ms, 10s or 5m',
      ],
    );
    assert.match(complaints({ steps: Array(1_001).fill({ fault: 'drop' }) }).join(), /at most 1000 steps/);
  });

  it('has no duration that a timer cannot hold, and says the bound with its unit', () => {
    const step = { fault: 'freeze', at: '99999999h', every: '600h', for: '0s' };
    assert.deepEqual(complaints({ steps: [step, { ...step, at: '-1s', every: '596h', for: '600h' }] }), [
      'steps.0.at value: expected at most 596h',
      'steps.0.every value: expected at most 596h',
      'steps.0.for value: expected at least 1ms',
      'steps.1.at value: expected at least 0ms',
      'steps.1.for value: expected at most 596h',
    ]);
  });

  it('has a seed that the command line would take too', () => {
    assert.equal(sound({ seed: 4_294_967_295, steps: [] }).seed, 4_294_967_295);
    for (const seed of [4_294_967_296, 1.5])
      assert.deepEqual(complaints({ seed, steps: [] }), ['seed value: expected a whole number from 0 to 4294967295']);
  });

  it('has no fault that can never act', () => {
    const steps = [
      { fault: 'close', code: 1006 },
      { fault: 'drop', on: 'hello', target: 'bot' },
      { fault: 'delay', frame: 'hello', delay: '1s', target: 'bot' },
      { fault: 'node-down', node: 2 },
      { fault: 'drop', on: 'hello' },
    ];
    const { problems } = checkScript({ steps }, { gatewayNodes: 1 });
    assert.deepEqual(
      problems.map(({ path, what }) => `${path.join('.')}: ${what}`),
      [
        'steps.0.code: a close frame cannot carry the code 1006',
        'steps.1.on: before HELLO nobody knows whose connection it is: only the target * can be hit',
        'steps.2.frame: before HELLO nobody knows whose connection it is: only the target * can be hit',
        'steps.3.node: the gateway has no node 2: createEmulator({ gatewayNodes }) makes more',
      ],
    );
    assert.ok(checkScript({ steps: [steps[3]] }, { gatewayNodes: 2 }).script);
  });

  it('is never more than judged, whatever it is', () => {
    const step = fc.record(
      {
        fault: fc.constantFrom('drop', 'close', 'latency', 'x'),
        at: fc.jsonValue(),
        every: fc.jsonValue(),
        for: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const document = fc.oneof(fc.jsonValue(), fc.record({ steps: fc.array(fc.oneof(step, fc.jsonValue())) }));
    fc.assert(
      fc.property(document, (value) => {
        const { script, problems } = checkScript(value);
        assert.equal(script === null, problems.length > 0);
      }),
    );
  });

  it('plays: at a time, again and again, and after something happened', async () => {
    const clock = new VirtualClock();
    await using emulator = await createEmulator({ clock, identifyWindowMs: 1 });
    const bot = emulator.createApplication({ name: 'greeter' });
    const other = emulator.createApplication({ name: 'other' });
    emulator.play(
      sound({
        steps: [
          { at: '5s', fault: 'set-remaining', target: bot.id, remaining: 3 },
          { every: '10s', times: 2, fault: 'forget-replay' },
          { after: 'ready', at: '1s', target: 'greeter', fault: 'close', code: 4001 },
          { after: 'message', every: '1s', times: 2, fault: 'thaw' },
          { at: '1s', target: 'nobody', fault: 'drop' },
        ],
      }),
    );
    const reasons = () => emulator.ledger.entries({ type: 'fault' }).map(({ reason }) => reason);
    clock.advance(5_000);
    assert.deepEqual(reasons(), [
      'step 5 of the script: the emulator has no application nobody',
      'set-remaining remaining 3',
    ]);
    clock.advance(30_000);
    assert.equal(reasons().filter((reason) => reason === 'forget-replay').length, 2);
    const clients = [new RawClient(emulator), new RawClient(emulator)] as const;
    await clients[0].login(other.token);
    clock.advance(1_000);
    assert.ok(!reasons().some((reason) => reason?.startsWith('close')));
    await clients[1].login(bot.token);
    clock.advance(1_000);
    assert.equal(await clients[1].closed, 4001);
    clock.advance(1);
    const again = new RawClient(emulator);
    await again.login(bot.token);
    emulator.directMessage({ applicationId: bot.id, content: 'hi' });
    clock.advance(10_000);
    assert.deepEqual(reasons().slice(-3), [`close probability 1 code 4001 on serving`, 'thaw', 'thaw']);
  });

  it('ends when it is stopped, and with the emulator', async () => {
    const clock = new VirtualClock();
    const emulator = await createEmulator({ clock });
    const { stop } = emulator.play(
      sound({
        steps: [
          { every: '1s', fault: 'drop' },
          { after: 'fault', fault: 'thaw' },
        ],
      }),
    );
    clock.advance(1_000);
    stop();
    const count = emulator.ledger.count('fault');
    clock.advance(10_000);
    assert.equal(emulator.ledger.count('fault'), count);
    emulator.play(sound({ steps: [{ every: '1s', fault: 'drop' }] }));
    await emulator.close();
    assert.equal(clock.pending, 0);
  });
});
