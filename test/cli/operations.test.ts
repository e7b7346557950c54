import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { BotView } from '../../src/protocol/api.ts';
import { serveFleet } from '../support/api-server.ts';
import { droas, type Surroundings } from '../support/command-line.ts';
import { botNamed, FakeFleet, stoppedBot } from '../support/fake-fleet.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

async function setUp(t: TestContext, ...bots: BotView[]) {
  const fleet = new FakeFleet(...bots);
  const { socketPath } = await serveFleet(t, fleet);
  const say = (...argv: string[]) => droas(argv, { socketPath });
  const sayOn = (surroundings: Surroundings, ...argv: string[]) => droas(argv, { socketPath, ...surroundings });
  return { fleet, say, sayOn };
}

describe('start, stop, restart, reset', () => {
  it('report each bot when it is done', async (t) => {
    const { say } = await setUp(t, botNamed('mod'), stoppedBot('test'));
    assert.deepEqual(await say('stop', 'mod'), { code: 0, out: '✔ mod stopped in 2.1s\n', err: '' });
    assert.deepEqual(await say('restart', 'mod', 'test'), {
      code: 0,
      out: '✔ mod restarted in 2.1s\n✔ test restarted in 2.1s\n',
      err: '',
    });
    assert.match((await say('reset', 'mod')).out, /^✔ mod reset in/);
  });

  it('count what is already so as done', async (t) => {
    const { say } = await setUp(t, botNamed('mod'), stoppedBot('test'));
    assert.deepEqual(await say('start', 'mod'), { code: 0, out: '✔ mod already so: running\n', err: '' });
    assert.equal((await say('stop', 'test')).code, 0);
  });

  it('are 1 when a bot fails, and say why and where to look', async (t) => {
    const { fleet, say } = await setUp(t, botNamed('mod'), stoppedBot('bad'));
    fleet.endings.set('bad', { outcome: 'failed', sentence: 'exited with code 1\u0007' });
    assert.deepEqual(await say('start', 'bad', 'mod'), {
      code: 1,
      out: '✖ bad not started: exited with code 1\\x07\n    → droas status bad; droas logs bad -n 50\n✔ mod already so: running\n',
      err: '',
    });
  });

  it('are 1 when somebody else decided otherwise meanwhile', async (t) => {
    const { fleet, say } = await setUp(t, botNamed('mod'));
    fleet.endings.set('mod', { outcome: 'superseded', sentence: null });
    assert.match((await say('restart', 'mod')).out, /not restarted: superseded/);
  });

  it('are 8 when the time is up, and it goes on', async (t) => {
    const { fleet, say } = await setUp(t, botNamed('mod'));
    fleet.hold = true;
    assert.deepEqual(await say('stop', 'mod', '--timeout', '20ms'), {
      code: 8,
      out: '! mod stop accepted, but not finished within 20ms; it goes on\n',
      err: '',
    });
  });

  it('return at once with --no-wait', async (t) => {
    const { fleet, say } = await setUp(t, botNamed('mod'));
    fleet.hold = true;
    assert.deepEqual(await say('stop', 'mod', '--no-wait'), { code: 0, out: '✔ mod stop accepted\n', err: '' });
  });

  it('take globs and --all, each bot once', async (t) => {
    const { fleet, say } = await setUp(t, stoppedBot('music-a'), stoppedBot('music-b'), stoppedBot('mod'));
    const started = async (...argv: string[]) => {
      const { code, out } = await say('start', ...argv, '--json');
      assert.equal(code, 0);
      return JSON.parse(out).items.map(({ bot }: { bot: string }) => bot);
    };
    assert.deepEqual(await started('music-*'), ['music-a', 'music-b']);
    assert.deepEqual(await started('m?d', 'mod', '*'), ['mod', 'music-a', 'music-b']);
    assert.deepEqual(await started('--all'), ['music-a', 'music-b', 'mod']);
    fleet.table.clear();
    assert.deepEqual(await started('--all'), []);
  });

  it('report every name; the highest code wins', async (t) => {
    const { fleet, say } = await setUp(t, botNamed('mod'), stoppedBot('bad'));
    fleet.endings.set('bad', { outcome: 'failed', sentence: 'exited with code 1' });
    const { code, out, err } = await say('start', 'bad', 'nobody', 'x-*', 'mod');
    assert.equal(code, 4);
    assert.match(out, /✖ bad[\s\S]*✔ mod/);
    assert.match(err, /No bot is named 'nobody'[\s\S]*No bot is named 'x-\*'/);
  });

  it('are 2 when it is not clear who is meant', async (t) => {
    const { say } = await setUp(t, botNamed('mod'));
    assert.equal((await say('start')).code, 2);
    assert.equal((await say('start', 'mod', '--all')).code, 2);
    assert.equal((await say('start', 'mod', '--timeout', 'soon')).code, 2);
  });

  it('give one document, and a problem per failure on stderr', async (t) => {
    const { say } = await setUp(t, botNamed('mod'));
    const { code, out, err } = await say('restart', 'mod', 'nobody', '--json');
    assert.equal(code, 4);
    const { apiVersion, items } = JSON.parse(out);
    assert.equal(apiVersion, 'v1');
    assert.deepEqual(
      items.map(({ bot, outcome }: { bot: string; outcome: string }) => [bot, outcome]),
      [['mod', 'done']],
    );
    const { code: name, status, type } = JSON.parse(err);
    assert.deepEqual(
      { name, status, type },
      { name: 'BOT_NOT_FOUND', status: 404, type: 'urn:droas:error:BOT_NOT_FOUND' },
    );
  });
});

describe('droas kill', () => {
  it('sends SIGKILL, or what it is told', async (t) => {
    const { fleet, say } = await setUp(t, botNamed('mod'));
    assert.deepEqual(await say('kill', 'mod'), { code: 0, out: '✔ mod sent SIGKILL\n', err: '' });
    for (const signal of ['USR1', 'sigterm', '1']) assert.equal((await say('kill', '-s', signal, 'mod')).code, 0);
    assert.deepEqual(fleet.kills, ['mod SIGKILL', 'mod SIGUSR1', 'mod SIGTERM', 'mod SIGHUP']);
  });

  it('refuses a signal that does not exist, and is 3 for a bot without a process', async (t) => {
    const { say } = await setUp(t, stoppedBot('test'));
    assert.equal((await say('kill', '-s', 'SIGNOTHING', 'test')).code, 2);
    assert.equal((await say('kill', '-s', '99', 'test')).code, 2);
    assert.equal((await say('kill', 'test')).code, 3);
  });
});

describe('droas add', () => {
  it('describes a bot by a command, which runs where it was typed', async (t) => {
    const { fleet, say } = await setUp(t);
    const { code, out } = await say(
      'add',
      'music',
      '--token-env',
      'MUSIC_TOKEN',
      '--env',
      'A=1',
      '--env',
      'B=x=y',
      '--',
      'node',
      'index.js',
      '--json',
    );
    assert.deepEqual(
      { code, out },
      { code: 0, out: '✔ music started in 2.1s\n' },
      'what follows -- is the command of the bot',
    );
    assert.deepEqual(fleet.created, [
      {
        name: 'music',
        spec: {
          token: `\${MUSIC_TOKEN}`,
          command: ['node', 'index.js', '--json'],
          cwd: process.cwd(),
          env: { A: '1', B: 'x=y' },
        },
      },
    ]);
  });

  it('describes the built-in bot', async (t) => {
    const { fleet, say } = await setUp(t);
    assert.equal((await say('add', 'mod', '--builtin', 'assistant', '--token-env', 'T')).code, 0);
    assert.deepEqual(fleet.created[0]?.spec, { builtin: 'assistant', token: `\${T}` });
    assert.equal((await say('add', 'mod2', '--builtin', 'pilot')).code, 2);
  });

  it('adds its options to a document', async (t) => {
    const { fleet, say } = await setUp(t);
    const file = join(scratchDirectory(t), 'bot.yaml');
    writeFileSync(file, 'command: [node, a.js]\nenv: { A: "0", C: "2" }\nmemoryLimit: 100MB\n');
    assert.equal((await say('add', 'mod', '--from', file, '--env', 'A=1', '--cwd', '/srv')).code, 0);
    assert.deepEqual(fleet.created[0]?.spec, {
      command: ['node', 'a.js'],
      env: { A: '1', C: '2' },
      memoryLimit: '100MB',
      cwd: '/srv',
    });
  });

  it('refuses documents that are none', async (t) => {
    const { say } = await setUp(t);
    const directory = scratchDirectory(t);
    const file = (name: string, text: string) => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    };
    const broken = await say('add', 'mod', '--from', file('broken.yaml', 'a: [1\nb: 2'));
    assert.equal(broken.code, 6);
    assert.match(broken.err, /broken\.yaml:\d+:\d+: /);
    assert.equal((await say('add', 'mod', '--from', file('list.yaml', '- 1'))).code, 6);
    assert.equal((await say('add', 'mod', '--from', file('empty.yaml', ''))).code, 6);
    assert.equal((await say('add', 'mod', '--from', join(directory, 'none.yaml'))).code, 6);
  });

  it('refuses a token on the command line, and does not repeat it', async (t) => {
    const { say } = await setUp(t);
    const token = ['MTA', 'b', 'c'].join('.');
    const { code, err } = await say('add', 'mod', '--builtin', 'assistant', '--token-env', token);
    assert.equal(code, 2);
    assert.ok(!err.includes(token));
    assert.match(err, /reset it in the Developer Portal/);
  });

  it('is 2 when nothing says what to run, or a variable is no assignment', async (t) => {
    const { say } = await setUp(t);
    assert.equal((await say('add', 'mod')).code, 2);
    const { code, err } = await say('add', 'mod', '--builtin', 'assistant', '--env', 'secret');
    assert.equal(code, 2);
    assert.ok(!err.includes('secret'));
  });

  it('is 1 when the bot exists', async (t) => {
    const { say } = await setUp(t, botNamed('mod'));
    assert.equal((await say('add', 'mod', '--builtin', 'assistant')).code, 1);
  });
});

describe('droas rm', () => {
  it('removes with --yes', async (t) => {
    const { fleet, say } = await setUp(t, botNamed('mod'), botNamed('music'));
    assert.deepEqual(await say('rm', '*', '--yes'), {
      code: 0,
      out: '✔ mod removed in 2.1s\n✔ music removed in 2.1s\n',
      err: '',
    });
    assert.deepEqual(fleet.bots(), []);
  });

  it('removes what is typed on a terminal', async (t) => {
    const { fleet, sayOn } = await setUp(t, botNamed('mod'), botNamed('music'));
    const { code, err } = await sayOn({ tty: true, typed: 'mod music\n' }, 'rm', 'mod', 'music');
    assert.equal(code, 0);
    assert.match(err, /Type "mod music" to go on/);
    assert.deepEqual(fleet.bots(), []);
  });

  it('removes nothing when something else, or nothing, is typed', async (t) => {
    const { fleet, sayOn } = await setUp(t, botNamed('mod'));
    for (const typed of ['y\n', '']) {
      assert.equal((await sayOn({ tty: true, typed }, 'delete', 'mod')).code, 2);
    }
    assert.equal(fleet.bots().length, 1);
  });

  it('asks nobody where nobody sits', async (t) => {
    const { fleet, say } = await setUp(t, botNamed('mod'));
    const { code, err } = await say('rm', 'mod');
    assert.equal(code, 2);
    assert.match(err, /Say --yes/);
    assert.equal(fleet.bots().length, 1);
  });
});
