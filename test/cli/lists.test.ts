import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { BotView } from '../../src/protocol/api.ts';
import { serveFleet } from '../support/api-server.ts';
import { droas } from '../support/command-line.ts';
import { botNamed, FakeFleet, failedBot, someTime, stoppedBot } from '../support/fake-fleet.ts';

const now = Date.parse('2026-01-31T14:00:00.000Z');
const ago = (ms: number) => new Date(now - ms).toISOString();

async function setUp(t: TestContext, ...bots: BotView[]) {
  t.mock.timers.enable({ apis: ['Date'], now });
  const fleet = new FakeFleet(...bots);
  const { socketPath } = await serveFleet(t, fleet);
  return { fleet, say: (...argv: string[]) => droas(argv, { socketPath }) };
}

const degraded = botNamed('music', {
  health: 'degraded',
  healthReasons: ['latency 412 ms'],
  pid: 41233,
  startedAt: ago(12 * 60_000),
  restarts: { total: 2, lastHour: 1, attemptsInWindow: 1, maxAttempts: 5, lastAt: ago(8 * 60_000) },
  cpuRatio: 0.031,
  memoryBytes: 88_000_000,
});
const waiting = failedBot('quotes', {
  state: 'backoff',
  reason: 'attempt 4 of 5 starts in 4 s after: exited with code 1',
  restarts: { total: 4, lastHour: 4, attemptsInWindow: 4, maxAttempts: 5, lastAt: ago(3 * 3_600_000) },
});

describe('droas ps', () => {
  it('shows one aligned line per bot', async (t) => {
    const mod = botNamed('mod', { startedAt: ago(76 * 3_600_000) });
    const { say } = await setUp(t, mod, degraded, waiting, stoppedBot('test'));
    const { code, out, err } = await say('ps');
    assert.equal(code, 0);
    assert.equal(err, '');
    assert.equal(
      out,
      [
        'NAME    STATE    HEALTH     PID    UPTIME  RESTARTS    CPU   MEM    PING   GUILDS',
        'mod     running  healthy    41207  3d 4h   0           0.4%  61 MB  42 ms  118',
        'music   running  degraded   41233  12m     2 (8m ago)  3.1%  88 MB  42 ms  118',
        'quotes  backoff  unhealthy  -      -       4 (3h ago)  -     -      -      -',
        'test    stopped  -          -      -       0           -     -      -      -',
        '',
      ].join('\n'),
    );
  });

  it('has the aliases that people type first', async (t) => {
    const { say } = await setUp(t, botNamed('mod'));
    for (const alias of ['ls', 'list']) assert.match((await say(alias)).out, /^NAME/);
  });

  it('shows only what is asked for', async (t) => {
    const { say } = await setUp(t, botNamed('mod'), degraded, waiting);
    assert.equal((await say('ps', '-q')).out, 'mod\nmusic\nquotes\n');
    assert.equal((await say('ps', '-q', '--state', 'backoff')).out, 'quotes\n');
    assert.equal((await say('ps', '-q', '--health', 'degraded')).out, 'music\n');
    assert.equal((await say('-q', 'ps', '--state', 'running', '--health', 'healthy')).out, 'mod\n');
  });

  it('refuses a state that does not exist, and names those that do', async (t) => {
    const { say } = await setUp(t);
    const { code, err } = await say('ps', '--state', 'dead');
    assert.equal(code, 2);
    assert.match(err, /Allowed choices are stopped, starting, running/);
  });

  it('takes the state directory before its name, where --state is no filter', async () => {
    const { code, err } = await droas(['--state', '/nonexistent/other', 'ps', '--state', 'running']);
    assert.equal(code, 5);
    assert.match(err, /\/nonexistent\/other\/droas\.sock/);
  });

  it('says on stderr that there is nothing', async (t) => {
    const { fleet, say } = await setUp(t);
    assert.deepEqual(await say('ps'), {
      code: 0,
      out: '',
      err: 'No bots are configured. Add one: droas add NAME --help\n',
    });
    fleet.table.set('mod', botNamed('mod'));
    assert.match((await say('ps', '--state', 'failed')).err, /No bot matches/);
  });

  it('lets no bot write control characters to the terminal', async (t) => {
    const nasty = 'a\u001b[31mred\u0007\u202Ereversed\u0090';
    const { say } = await setUp(t, botNamed('mod', { healthReasons: [nasty] }));
    assert.match((await say('health')).out, /a\\x1b\[31mred\\x07\\u202ereversed\\x90/);
    const json = (await say('health', '--json')).out;
    assert.doesNotMatch(json.trimEnd(), /[\p{Cc}\u202E]/u);
    assert.equal(JSON.parse(json).items[0].reasons[0], nasty);
  });
});

describe('droas health', () => {
  it('shows every judgement with its reason', async (t) => {
    const { say } = await setUp(t, botNamed('mod'), degraded);
    const { code, out } = await say('health');
    assert.equal(code, 0, 'a degraded bot still serves');
    assert.equal(
      out,
      [
        'NAME   HEALTH    STATE    REASON',
        'mod    healthy   running  gateway ready',
        'music  degraded  running  latency 412 ms',
        '',
      ].join('\n'),
    );
  });

  it('ends with 3 when a bot that should serve does not, and says nothing with -q', async (t) => {
    const { say } = await setUp(t, botNamed('mod'), waiting, stoppedBot('test'));
    assert.equal((await say('health')).code, 3);
    assert.deepEqual(await say('health', '-q'), { code: 3, out: '', err: '' });
    assert.equal((await say('health', 'quotes')).code, 3);
    assert.equal((await say('health', 'mod')).code, 0);
    assert.equal((await say('health', 'test')).code, 0, 'nobody wants it to run');
    assert.equal((await say('health', 'nobody')).code, 4);
  });

  it('ends with 3 for a bot that runs and is unhealthy', async (t) => {
    const { say } = await setUp(t, botNamed('mod', { health: 'unhealthy' }));
    assert.equal((await say('health', 'mod')).code, 3);
  });

  it('gives one document, of one bot or of all', async (t) => {
    const { say } = await setUp(t, botNamed('mod'));
    const expected = {
      name: 'mod',
      health: 'healthy',
      reasons: ['gateway ready'],
      state: 'running',
      desired: 'running',
      checkedAt: someTime,
    };
    assert.deepEqual(JSON.parse((await say('health', '--json')).out), { apiVersion: 'v1', items: [expected] });
    assert.deepEqual(JSON.parse((await say('health', 'mod', '--json')).out), { apiVersion: 'v1', ...expected });
  });
});

describe('droas status', () => {
  it('shows the fleet in short, and who does not serve', async (t) => {
    const { fleet, say } = await setUp(
      t,
      botNamed('mod'),
      degraded,
      waiting,
      botNamed('sick', { health: 'unhealthy', healthReasons: ['no heartbeat for 15 s'] }),
    );
    fleet.facts = { startedAt: ago(3_600_000), problems: ['the disk is full'], pid: 41190 };
    const { code, out } = await say('status');
    assert.equal(code, 3);
    assert.equal(
      out,
      [
        '  supervisor  0.1.0, pid 41190, up 1h, 61 MB',
        '  config      /srv/droas.yaml',
        '  state       /srv/state',
        '  bots        4 of at most 10: 3 running, 1 backoff',
        '  health      1 healthy, 1 degraded, 1 unhealthy',
        '  problem     the disk is full',
        '',
        'NAME    STATE    WHY',
        'quotes  backoff  attempt 4 of 5 starts in 4 s after: exited with code 1',
        'sick    running  no heartbeat for 15 s',
        '',
      ].join('\n'),
    );
  });

  it('is 0 and short when all is well', async (t) => {
    const { say } = await setUp(t, botNamed('mod'));
    const { code, out } = await say('status');
    assert.equal(code, 0);
    assert.doesNotMatch(out, /NAME/);
  });

  it('shows one bot at length', async (t) => {
    const bot = botNamed('mod', {
      startedAt: ago(12 * 60_000),
      restarts: { total: 12, lastHour: 4, attemptsInWindow: 3, maxAttempts: 5, lastAt: ago(60_000) },
      lastExit: { at: ago(60_000), sentence: 'exited with code 1', closeCode: null },
      remedy: 'look at its log',
    });
    const { fleet, say } = await setUp(t, bot);
    fleet.print('mod', 'TypeError: x is undefined', { stream: 'err' });
    const { code, out } = await say('status', 'mod');
    assert.equal(code, 0);
    assert.equal(
      out,
      [
        'mod: running',
        '  health      healthy: gateway ready',
        '  wanted      running',
        '  program     node index.js',
        '  defined in  bots.d/mod.yaml:1:1',
        '  process     pid 41207, up 12m, 1 in its tree, 61 MB, 0.4% CPU',
        '  last exit   1m ago: exited with code 1',
        '  restarts    4 in the last hour, 12 in all; attempt 3 of 5',
        '  gateway     direct, ready, 42 ms, 118 guilds',
        '  IDENTIFYs   1 in 24 h, 0 of at most 200 automatic, 990 left at Discord',
        '  last lines',
        '    12:04:10 err  TypeError: x is undefined',
        '  → look at its log',
        '',
      ].join('\n'),
    );
  });

  it('shows how the work of a bot goes, and what its model costs', async (t) => {
    const bot = botNamed('mod', {
      work: { done: 40, failed: 2, p50Seconds: 0.812 },
      model: { reachable: true, refusal: null, answeredAt: ago(5_000), failedAt: ago(60_000) },
      budget: { requests: 312, requestsLimit: 2_000, tokens: 41_000, tokensLimit: null, resetsAt: someTime },
      counters: { answers: 310, pending: 1 },
    });
    const { fleet, say } = await setUp(t, bot);
    const rows = async () => (await say('status', 'mod')).out.split('\n').slice(9);
    assert.deepEqual(await rows(), [
      '  work        40 done, 2 failed in 5 min, half within 0.8 s',
      '  model       reachable, answered 5s ago, failed 1m ago',
      '  budget      today (UTC) 312 of 2000 questions, 41000 tokens',
      '  counters    answers 310, pending 1',
      '',
    ]);
    const never = { answeredAt: null, failedAt: null };
    for (const [model, row] of [
      [
        { ...never, reachable: false, refusal: null, failedAt: ago(60_000) },
        'cannot be reached, has not answered yet, failed 1m ago',
      ],
      [{ ...never, reachable: true, refusal: 404 }, 'refuses with HTTP 404, has not answered yet'],
      [{ ...never, reachable: true, refusal: null }, 'reachable, has not answered yet'],
    ] as const) {
      fleet.table.set('mod', { ...bot, work: { done: 0, failed: 0, p50Seconds: null }, model });
      assert.deepEqual((await rows()).slice(0, 2), ['  work        0 done, 0 failed in 5 min', `  model       ${row}`]);
    }
  });

  it('leaves out what a stopped bot does not have', async (t) => {
    const { say } = await setUp(t, stoppedBot('test', { identifies: null }));
    const { code, out } = await say('describe', 'test');
    assert.equal(code, 0);
    assert.doesNotMatch(out, /process|health|gateway|IDENTIFY|why|null|undefined/);
  });

  it('is 3 for a bot that should run and does not, and says why and what to do', async (t) => {
    const { say } = await setUp(t, failedBot('bad'));
    const { code, out } = await say('show', 'bad');
    assert.equal(code, 3);
    assert.match(out, /^bad: failed\n {2}why {9}Discord refused the token \(4004\)\n/);
    assert.match(out, /→ put the new token in place, then: droas start bad\n$/);
  });

  it('gives one document', async (t) => {
    const { fleet, say } = await setUp(t, botNamed('mod'));
    const line = fleet.print('mod', 'hello');
    const one = JSON.parse((await say('status', 'mod', '--json')).out);
    assert.deepEqual(one, { apiVersion: 'v1', ...botNamed('mod'), lastLines: [line] });
    const all = JSON.parse((await say('status', '--json')).out);
    assert.deepEqual(Object.keys(all), ['apiVersion', 'info', 'items']);
  });

  it('is 4 for a bot that does not exist', async (t) => {
    const { say } = await setUp(t);
    const { code, out, err } = await say('status', 'nobody');
    assert.deepEqual({ code, out }, { code: 4, out: '' });
    assert.equal(err, "✖ No bot is named 'nobody'.\n    → See: droas ps\n");
  });
});
