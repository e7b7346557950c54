import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openJournal } from '../../src/adapters/sqlite/journal.ts';
import { createClock } from '../../src/adapters/system/clock.ts';
import { createApi } from '../../src/api/server.ts';
import { newChild } from '../../src/core/lifecycle/state.ts';
import { serveFleet } from '../support/api-server.ts';
import { botNamed, FakeFleet, failedBot, someTime, stoppedBot } from '../support/fake-fleet.ts';
import { Program, program, runProgram } from '../support/program.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

async function setUp(t: TestContext) {
  const fleet = new FakeFleet(botNamed('mod'), stoppedBot('test'), failedBot('bad'));
  const { socketPath } = await serveFleet(t, fleet);
  const droas = (...argv: string[]) => runProgram([...argv, '--host', `unix://${socketPath}`]);
  return { fleet, socketPath, droas };
}

describe('the program', { concurrency: 2 }, () => {
  it('ends with the code of what happened', async (t) => {
    const { fleet, droas } = await setUp(t);
    fleet.endings.set('bad', { outcome: 'failed', sentence: 'exited with code 1' });
    const codeOf = async (...argv: string[]) => (await droas(...argv)).code;
    assert.deepEqual(
      await Promise.all([
        codeOf('stop', 'test'),
        codeOf('start', 'bad'),
        codeOf('start'),
        codeOf('status'),
        codeOf('status', 'nobody'),
      ]),
      [0, 1, 2, 3, 4],
    );
    fleet.hold = true;
    assert.equal(await codeOf('restart', 'mod', '--timeout', '10ms'), 8);
    const nowhere = scratchDirectory(t);
    const [unreachable, invalid] = await Promise.all([
      runProgram(['status', '--state', nowhere]),
      runProgram(['config', 'validate', join(nowhere, 'droas.yaml')]),
    ]);
    assert.deepEqual([unreachable.code, invalid.code], [5, 6]);
  });

  it('writes nothing but JSON to stdout with --json, whatever happens', async (t) => {
    const { fleet, droas } = await setUp(t);
    fleet.endings.set('mod', { outcome: 'failed', sentence: 'exited with code 1' });
    const commands = [
      ['status', 'nobody'],
      ['restart', 'mod', 'nobody'],
    ];
    for (const argv of commands) {
      const { out, err } = await droas(...argv, '--json');
      for (const text of [out, err]) if (text !== '') JSON.parse(text);
    }
  });

  it('has no colours and no symbols where they do not belong', async (t) => {
    const { socketPath } = await setUp(t);
    const argv = ['stop', 'test', '--host', `unix://${socketPath}`];
    const [plain, forced] = await Promise.all([
      runProgram(argv, { env: { LANG: 'C', LC_ALL: 'C' } }),
      runProgram(argv, { env: { FORCE_COLOR: '1' } }),
    ]);
    assert.equal(plain.out, 'ok test already so: stopped\n');
    assert.equal(forced.out, '\u001b[32m✔\u001b[39m test already so: stopped\n');
  });

  it('writes all that it has to say into a pipe before it ends', async (t) => {
    const { fleet, droas } = await setUp(t);
    const text = 'x'.repeat(1_000);
    for (let index = 0; index < 2_000; index++) fleet.print('mod', text);
    const { out } = await droas('logs', 'mod', '-n', '2000', '--json');
    assert.equal(JSON.parse(out).items.length, 2_000);
  });

  it('ends quietly when nobody reads its output any more', async (t) => {
    const { fleet, socketPath } = await setUp(t);
    const running = new Program(['logs', '-f', '--host', `unix://${socketPath}`]).within(t);
    running.child.stdout?.destroy();
    while (fleet.listeners === 0) await new Promise((resolve) => setImmediate(resolve));
    fleet.print('mod', 'nobody reads this');
    const { code, signal, err } = await running.ended;
    assert.deepEqual({ code, signal, err }, { code: 0, signal: null, err: '' });
  });

  it('is 130 for a shell when it is interrupted', async (t) => {
    const { fleet, socketPath } = await setUp(t);
    const shell = new Program(
      ['-c', `"$0" "$@"; echo "code $?"`, ...program, 'events', '-f', '--host', `unix://${socketPath}`],
      {
        command: ['sh'],
      },
    ).within(t);
    while (fleet.listeners === 0) await new Promise((resolve) => setImmediate(resolve));
    const [child] = readFileSync(`/proc/${shell.child.pid}/task/${shell.child.pid}/children`, 'utf8').split(' ');
    process.kill(Number(child), 'SIGINT');
    await shell.says(/code 130/);
  });

  it('says that the configuration is missing with 6, from an empty directory', async (t) => {
    const directory = scratchDirectory(t);
    const env = { HOME: directory, XDG_CONFIG_HOME: '', DROAS_CONFIG: '', DROAS_STATE: join(directory, 'state') };
    const { code, err } = await runProgram(['up', '-d', '--json'], { cwd: directory, env });
    assert.equal(code, 6);
    assert.equal(JSON.parse(err).code, 'CONFIG_NOT_FOUND');
  });

  it('finds the supervisor under the short name of a long state directory', async (t) => {
    const state = join(scratchDirectory(t), 'x'.repeat(100));
    const name = createHash('sha256').update(state).digest('hex').slice(0, 16);
    const api = createApi({ fleet: new FakeFleet(botNamed('mod')) });
    await api.listen(`/tmp/droas-${process.getuid?.()}/${name}.sock`);
    t.after(async () => {
      await api.close();
      const directory = `/tmp/droas-${process.getuid?.()}`;
      if (readdirSync(directory).length === 0) rmdirSync(directory);
    });
    assert.equal((await runProgram(['--state', state, 'ps', '-q'])).out, 'mod\n');
  });

  it('prints a script for every shell, and answers what it asks', async (t) => {
    const { socketPath } = await setUp(t);
    const env = { DROAS_STATE: join(socketPath, '..') };
    const [bash, bots, states, words] = await Promise.all([
      runProgram(['completion', 'bash']),
      runProgram(['complete', '--', 'restart', ''], { env }),
      runProgram(['complete', '--', 'ps', '--state', ''], { env }),
      runProgram(['complete', '--', 're'], { env: { DROAS_STATE: '/nonexistent' } }),
    ]);
    assert.match(bash.out, /complete -F/);
    assert.match(bots.out, /^mod\trunning\ntest\tstopped\nbad\tfailed\n/);
    assert.match(states.out, /^stopped\n?/m);
    assert.match(words.out, /^restart\t[\s\S]*^reset\t/m);
  });

  it('reads what a supervisor left behind', async (t) => {
    const stateDirectory = scratchDirectory(t);
    const { journal } = openJournal({ stateDirectory, clock: createClock(), onProblem: () => {} });
    const event = {
      atWallMs: Date.parse(someTime),
      bot: 'mod',
      incarnation: 1,
      type: 'bot.exited',
      severity: 'info',
    } as const;
    journal.commit({
      bots: [{ name: 'mod', child: newChild('running') }],
      events: [{ ...event, sentence: 'exited with code 1', detail: {} }],
    });
    journal.close();
    const [events, status, logs] = await Promise.all(
      ['events', 'status', 'logs'].map((command) => runProgram([command, '--state', stateDirectory])),
    );
    assert.match(events?.out ?? '', /12:04:10 {2}mod {2}bot\.exited {2}exited with code 1\n/);
    assert.match(status?.out ?? '', /mod {3}running {2}stopped\n/);
    assert.deepEqual([events?.code, status?.code, logs?.code, logs?.out], [0, 5, 0, '']);
  });

  it('knows the schema of the configuration', async () => {
    const { code, out } = await runProgram(['config', 'schema']);
    assert.equal(code, 0);
    assert.match(JSON.parse(out).$schema, /json-schema/);
  });

  it('runs an emulator with an application to try, and ends it at Ctrl-C', async (t) => {
    const emulator = new Program(['emulator', '--json']).within(t);
    const { url, applications } = JSON.parse(await emulator.says(/\n$/));
    const gateway = await fetch(`${url}/v10/gateway/bot`, {
      headers: { authorization: `Bot ${applications[0].token}` },
    });
    assert.equal(gateway.status, 200);
    emulator.child.kill('SIGINT');
    assert.equal((await emulator.ended).code, 130);
  });

  it('reports somebody else on the socket as no supervisor', async (t) => {
    const socketPath = join(scratchDirectory(t), 'droas.sock');
    const rude = createServer((socket) => socket.destroy()).listen(socketPath);
    t.after(() => rude.close());
    assert.equal((await runProgram(['ps', '--host', `unix://${socketPath}`])).code, 5);
  });
});
