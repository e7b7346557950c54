import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createApi } from '../../src/api/server.ts';
import { follow } from '../../src/cli/follow.ts';
import { Output } from '../../src/cli/output.ts';
import { DroasError } from '../../src/core/errors.ts';
import { serveFleet } from '../support/api-server.ts';
import { droas, type Surroundings } from '../support/command-line.ts';
import { botNamed, FakeFleet } from '../support/fake-fleet.ts';
import { Program } from '../support/program.ts';

async function setUp(t: TestContext) {
  const fleet = new FakeFleet(botNamed('mod'), botNamed('music'));
  const { api, socketPath } = await serveFleet(t, fleet);
  const say = (...argv: string[]) => droas(argv, { socketPath });
  const sayOn = (surroundings: Surroundings, ...argv: string[]) => droas(argv, { socketPath, ...surroundings });
  const start = (...argv: string[]) => new Program([...argv, '--host', `unix://${socketPath}`]).within(t);
  return { fleet, api, socketPath, say, sayOn, start };
}

describe('droas logs', () => {
  it('merges the logs of all bots by time', async (t) => {
    const { fleet, say } = await setUp(t);
    fleet.print('music', 'INFO  joined voice channel 991');
    fleet.print('mod', 'hello');
    fleet.print('music', 'not witnessed', { approx: true });
    fleet.print('mod', 'dropped 3 bytes', { stream: 'droas' });
    assert.deepEqual(await say('logs'), {
      code: 0,
      out: [
        'music  | 12:04:10 INFO  joined voice channel 991',
        'mod    | 12:04:10 hello',
        'music  | ~12:04:10 not witnessed',
        'mod    | 12:04:10 droas: dropped 3 bytes',
        '',
      ].join('\n'),
      err: '',
    });
  });

  it('leaves out the name of a single bot, and shows full times with -t', async (t) => {
    const { fleet, say } = await setUp(t);
    fleet.print('mod', 'hello');
    assert.equal((await say('logs', 'mod')).out, '12:04:10 hello\n');
    assert.equal((await say('logs', 'mod', '-t')).out, '2026-01-31T12:04:10.001Z hello\n');
  });

  it('gives as many lines as asked, and none before a time', async (t) => {
    const { fleet, say } = await setUp(t);
    for (const text of ['one', 'two', 'three']) fleet.print('mod', text);
    assert.equal((await say('logs', 'mod', '-n', '1')).out, '12:04:10 three\n');
    assert.equal((await say('logs', 'mod', '-n', '0')).out, '');
    assert.equal(
      (await say('logs', 'mod', '--since', '2026-01-31T12:04:10.002Z')).out,
      '12:04:10 two\n12:04:10 three\n',
    );
    assert.equal((await say('logs', 'mod', '--since', '10m')).out, '');
    for (const argv of [
      ['-n', 'few'],
      ['-n', '10001'],
      ['--since', 'noon'],
      ['--since', '2026-99-31T12:04:10Z'],
    ]) {
      assert.equal((await say('logs', ...argv)).code, 2);
    }
  });

  it('shows what it can when one of the bots is unknown', async (t) => {
    const { fleet, say } = await setUp(t);
    fleet.print('mod', 'hello');
    const { code, out, err } = await say('logs', 'mod', 'nobody');
    assert.equal(code, 4);
    assert.match(out, /mod.*hello/);
    assert.match(err, /No bot is named 'nobody'/);
  });

  it('paints trouble red, by level or by stream', async (t) => {
    const { fleet, sayOn } = await setUp(t);
    fleet.print('mod', 'bad', { stream: 'err' });
    fleet.print('mod', 'worse', { level: 'error' });
    fleet.print('mod', 'fine', { stream: 'err', level: 'info' });
    const { out } = await sayOn({ env: { FORCE_COLOR: '1' } }, 'logs', 'mod');
    assert.match(out, /\[31mbad/);
    assert.match(out, /\[31mworse/);
    assert.doesNotMatch(out, /\[31mfine/);
  });

  it('escapes what a bot prints to harm the terminal', async (t) => {
    const { fleet, say } = await setUp(t);
    fleet.print('mod', '\u001b]0;title\u0007');
    assert.equal((await say('logs', 'mod')).out, '12:04:10 \\x1b]0;title\\x07\n');
  });

  it('gives one document', async (t) => {
    const { fleet, say } = await setUp(t);
    const line = fleet.print('mod', 'hello');
    const { out, err } = await say('logs', '--json');
    assert.deepEqual(JSON.parse(out), { apiVersion: 'v1', items: [line] });
    assert.equal(err, '');
  });

  it('goes on with -f, across a supervisor that comes back, without gap or double', async (t) => {
    const { fleet, api, socketPath, start } = await setUp(t);
    fleet.print('mod', 'one');
    const following = start('logs', '-f', '--json', '-n', '1');
    await following.says(/"one"/);
    fleet.print('music', 'two');
    await following.says(/"two"/);
    await api.close();
    fleet.print('mod', 'three');
    fleet.print('music', 'four');
    const again = createApi({ fleet });
    await again.listen(socketPath);
    t.after(() => again.close());
    await following.says(/"four"/);
    fleet.print('mod', 'five');
    await following.says(/"five"/);
    following.child.kill('SIGINT');
    const { out, signal } = await following.ended;
    assert.equal(signal, 'SIGINT', 'a shell shows that as 130');
    const texts = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).text);
    assert.deepEqual(texts, ['one', 'two', 'three', 'four', 'five']);
  });

  it('follows only the bots that are named', async (t) => {
    const { fleet, start } = await setUp(t);
    fleet.print('mod', 'past');
    const following = start('logs', '-f', 'mod', 'music-*', 'mod', '-n', '5');
    assert.equal((await following.ended).code, 4, 'a glob that matches nothing is a name that nobody has');
    const one = start('logs', '-f', 'm?d', '-n', '5');
    await one.says(/past/);
    fleet.print('music', 'other');
    fleet.print('mod', 'mine');
    const text = await one.says(/mine/);
    assert.doesNotMatch(text, /other/);
  });
});

describe('droas events', () => {
  it('shows the journal as a table', async (t) => {
    const { fleet, say } = await setUp(t);
    fleet.record();
    fleet.record({ bot: null, type: 'config.reloaded', sentence: '1 added\u0007', severity: 'info' });
    assert.deepEqual(await say('events'), {
      code: 0,
      out: [
        'TIME      BOT  EVENT            DETAIL',
        '12:04:10  mod  bot.exited       exited with code 1',
        '12:04:10  -    config.reloaded  1 added\\x07',
        '',
      ].join('\n'),
      err: '',
    });
  });

  it('filters by bot, type, time and number', async (t) => {
    const { fleet, say } = await setUp(t);
    fleet.record({ bot: 'music' });
    fleet.record({ type: 'bot.ready' });
    fleet.record({ at: '2026-01-31T13:00:00.000Z' });
    const seqs = async (...argv: string[]) =>
      JSON.parse((await say('events', '--json', ...argv)).out).items.map(({ seq }: { seq: number }) => seq);
    assert.deepEqual(await seqs(), [1, 2, 3]);
    assert.deepEqual(await seqs('--bot', 'music'), [1]);
    assert.deepEqual(await seqs('--type', 'bot.ready'), [2]);
    assert.deepEqual(await seqs('--since', '2026-01-31T12:30:00Z'), [3]);
    assert.deepEqual(await seqs('-n', '2'), [2, 3]);
    assert.deepEqual(await seqs('-n', '0'), []);
    assert.equal((await say('events', '--bot', 'Not A Name')).code, 2);
  });

  it('goes on with -f, across a supervisor that comes back, without gap or double', async (t) => {
    const { fleet, api, socketPath, start } = await setUp(t);
    for (let index = 0; index < 5; index++) fleet.record();
    const following = start('events', '-f', '-n', '2', '--json');
    await following.says(/"seq":5/);
    fleet.record();
    await following.says(/"seq":6/);
    await api.close();
    fleet.record();
    const again = createApi({ fleet });
    await again.listen(socketPath);
    t.after(() => again.close());
    await following.says(/"seq":7/);
    fleet.record();
    const text = await following.says(/"seq":8/);
    assert.deepEqual(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).seq),
      [4, 5, 6, 7, 8],
    );
  });

  it('shows live events as rows under one heading', async (t) => {
    const { fleet, start } = await setUp(t);
    const following = start('events', '-f', '-n', '0');
    await following.says(/^TIME/);
    while (fleet.listeners === 0) await new Promise((resolve) => setImmediate(resolve));
    fleet.record();
    const text = await following.says(/code 1/);
    assert.equal(
      text,
      'TIME      BOT           EVENT                  DETAIL\n12:04:10  mod           bot.exited             exited with code 1\n',
    );
  });
});

describe('following a stream', () => {
  const output = new Output(
    { json: true, quiet: true, color: false },
    { out: process.stdout, err: process.stderr, input: process.stdin, env: {}, outliveReaders: () => {} },
  );
  const gone = new DroasError('DAEMON_UNREACHABLE', 'nobody there');

  it('fails at once when there is no supervisor at first', async () => {
    const attempt = follow(output, () => {
      throw gone;
    });
    await assert.rejects(attempt.next(), gone);
  });

  it('gives up when the supervisor does not come back within ten seconds', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    let opened = 0;
    const attempt = follow(output, async function* () {
      opened += 1;
      if (opened > 1) throw gone;
      yield { id: '1', data: 'x' };
    });
    assert.equal((await attempt.next()).value?.data, 'x');
    let failed = false;
    const end = assert.rejects(attempt.next(), gone).then(() => {
      failed = true;
    });
    const startMs = Date.now();
    while (!failed) {
      t.mock.timers.tick(50);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await end;
    assert.ok(Date.now() - startMs > 10_000 && Date.now() - startMs < 11_000);
  });

  it('does not ask again after an error of another kind', async () => {
    const wrong = new DroasError('USAGE', 'no');
    let opened = 0;
    const attempt = follow(output, async function* () {
      opened += 1;
      if (opened > 1) throw wrong;
      yield { id: '1', data: 'x' };
    });
    await attempt.next();
    await assert.rejects(attempt.next(), wrong);
  });
});
