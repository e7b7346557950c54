import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createApi } from '../../src/api/server.ts';
import type { Wiring } from '../../src/cli/wiring.ts';
import { DroasError } from '../../src/core/errors.ts';
import { serveFleet } from '../support/api-server.ts';
import { droas, type Surroundings } from '../support/command-line.ts';
import { botNamed, FakeFleet, failedBot, stoppedBot } from '../support/fake-fleet.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { deliverToNew } from '../support/signals.ts';

const fixture = join(import.meta.dirname, 'fixture-daemon.ts');

/** A state directory and a configuration whose supervisor is the fixture; what was started is gone after the test. */
function setUp(t: TestContext, behaviour: Record<string, unknown> = {}, more: Surroundings = {}) {
  // Before the directories are made: what is registered first is done first, and the socket is needed for it.
  t.after(async () => {
    const { out } = await say('status', '--json');
    if (out !== '') process.kill(JSON.parse(out).info.pid, 'SIGKILL');
  });
  const state = join(scratchDirectory(t), 'state');
  const config = join(scratchDirectory(t), 'droas.yaml');
  writeFileSync(config, JSON.stringify(behaviour));
  const wiring: Partial<Wiring> = {
    self: [process.execPath, fixture],
    checkConfig: async () => ({ bots: 2, services: 1, capacity: 10 }),
    ...more.wiring,
  };
  const say = (...argv: string[]) => droas(['--state', state, ...argv], { ...more, wiring });
  return { say, state, config };
}

const starting = (name: string) => botNamed(name, { state: 'starting', reason: 'not ready yet', readyAt: null });

describe('droas up -d', () => {
  it('starts the supervisor as a process of its own and waits until every bot runs', async (t) => {
    const { say, state, config } = setUp(
      t,
      { bots: [starting('mod'), stoppedBot('test')], become: [botNamed('mod')], settleMs: 150 },
      { env: { ...process.env, LANG: 'C.UTF-8', DROAS_BOT: 'outer', DROAS_RUN: 'x', DROAS_STATE: 'kept' } },
    );
    const { code, out, err } = await say('up', '-d', '--config', config);
    assert.equal(out, '✔ mod  running    healthy    ready in 1.3s\n1 of 1 bots running.\n');
    assert.match(err, /^✔ config .*droas\.yaml \(3 bots\)\n✔ daemon {2}started, pid \d+, socket .*droas\.sock\n$/);
    assert.equal(code, 0);
    assert.equal((statSync(join(state, 'daemon.log')).mode & 0o777).toString(8), '600');
    assert.match(
      readFileSync(join(state, 'daemon.log'), 'utf8'),
      /^environment DROAS_STATE$/m,
      'it is no process of a bot',
    );
    const { pid } = JSON.parse((await say('status', '--json')).out).info;
    const session = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[3];
    assert.equal(Number(session), pid, 'it leads a session of its own');
  });

  it('is 1 when a bot does not come up, and says why', async (t) => {
    const { say, config } = setUp(t, { bots: [botNamed('mod'), failedBot('bad')] });
    const { code, out } = await say('up', '-d', '--config', config);
    assert.equal(code, 1);
    assert.equal(
      out,
      [
        '✔ mod  running    healthy    ready in 1.3s',
        '✖ bad  failed     unhealthy  Discord refused the token (4004)',
        '    → put the new token in place, then: droas start bad',
        '1 of 2 bots running.',
        '',
      ].join('\n'),
    );
  });

  it('is 8 when the time is up before the bots are', async (t) => {
    const { say, config } = setUp(t, { bots: [starting('mod')] });
    await say('up', '-d', '--no-wait', '--config', config);
    const { code, out, err } = await say('up', '-d', '--config', config, '--timeout', '150ms');
    assert.equal(code, 8);
    assert.match(out, /^! mod {2}starting/);
    assert.match(err, /Not finished within 150ms; it goes on/);
  });

  it('waits for the supervisor alone with --no-wait', async (t) => {
    const { say, config } = setUp(t, { bots: [starting('mod')] });
    const { code, out } = await say('up', '-d', '--no-wait', '--config', config, '--json');
    assert.equal(code, 0);
    assert.equal(JSON.parse(out).info.config, config);
  });

  it('gives one document', async (t) => {
    const { say, config } = setUp(t, { bots: [botNamed('mod')] });
    const { out, err } = await say('up', '-d', '--config', config, '--json');
    assert.deepEqual(
      JSON.parse(out).items.map(({ name }: { name: string }) => name),
      ['mod'],
    );
    assert.equal(err, '');
  });

  it('passes on what the supervisor failed with', async (t) => {
    const fail = {
      type: 'urn:droas:error:CONFIG_INVALID',
      title: 'x',
      status: 422,
      detail: 'one error',
      code: 'CONFIG_INVALID',
      remedy: 'mend it',
      errors: [{ pointer: 'droas.yaml:1:1', detail: 'no' }],
    };
    const { say, config } = setUp(t, { fail });
    const { code, err } = await say('up', '-d', '--config', config);
    assert.equal(code, 6);
    assert.match(err, /✖ one error\n {4}droas\.yaml:1:1: no\n {4}→ mend it\n$/);
  });

  it('shows the last lines of a supervisor that died without a word for us', async (t) => {
    const { say, config, state } = setUp(t, { crash: 7 });
    mkdirSync(state, { mode: 0o700 });
    const old = { code: 'CONFIG_INVALID', detail: 'of an earlier start', remedy: null, errors: [] };
    writeFileSync(join(state, 'daemon.log'), `${JSON.stringify(old)}\n`);
    const { code, err } = await say('up', '-d', '--config', config);
    assert.equal(code, 5);
    assert.match(err, /ended before it was ready \(exit code 7\)/);
    assert.match(err, /daemon\.log: the last line\n/);
    assert.ok(err.includes(join(state, 'daemon.log')));
  });

  it('says so when the program cannot be started at all', async (t) => {
    const { say, config } = setUp(t, {}, { wiring: { self: ['/nonexistent/node', fixture] } });
    const { code, err } = await say('up', '-d', '--config', config);
    assert.equal(code, 5);
    assert.match(err, /ENOENT/);
  });

  it('is 8 when the supervisor is not ready in time', async (t) => {
    const { say, config, state } = setUp(t, { mute: true });
    const { code, err } = await say('up', '-d', '--config', config, '--timeout', '100ms');
    assert.equal(code, 8);
    assert.ok(err.includes(join(state, 'daemon.log')));
    process.kill(Number(/pid (\d+)/.exec(err)?.[1]), 'SIGKILL');
  });

  it('checks the configuration before it starts anything', async (t) => {
    const { say, config, state } = setUp(
      t,
      {},
      {
        wiring: {
          checkConfig: async () => {
            throw new DroasError('CONFIG_INVALID', 'bad', {
              details: [{ where: 'droas.yaml:8:20 bots.x', what: 'expected an array' }],
            });
          },
        },
      },
    );
    const { code, err } = await say('up', '-d', '--config', config);
    assert.equal(code, 6);
    assert.match(err, /droas\.yaml:8:20 bots\.x: expected an array/);
    assert.equal(existsSync(state), false);
  });

  it('is 6 without a configuration', async (t) => {
    assert.equal((await setUp(t).say('up', '-d')).code, 6);
  });

  it('is 1 when the state directory cannot be made', async (t) => {
    const file = join(scratchDirectory(t), 'file');
    writeFileSync(file, '');
    const { config } = setUp(t);
    const { code, err } = await droas(['--state', join(file, 'state'), 'up', '-d', '--config', config], {
      wiring: { checkConfig: async () => ({ bots: 0, services: 0, capacity: 10 }) },
    });
    assert.equal(code, 1);
    assert.match(err, /cannot be written/);
  });
});

describe('droas up where a supervisor runs', () => {
  async function running(t: TestContext, ...bots: Parameters<typeof botNamed>[0][]) {
    const fleet = new FakeFleet(...bots.map((name) => botNamed(name)));
    const config = join(scratchDirectory(t), 'droas.yaml');
    writeFileSync(config, '');
    fleet.facts = { config, pid: 41190, stateDirectory: '/srv/state' };
    const { socketPath } = await serveFleet(t, fleet);
    const say = (...argv: string[]) => droas(argv, { socketPath });
    return { fleet, config, say };
  }

  it('has it read its configuration again, and starts what should run and does not', async (t) => {
    const { fleet, config, say } = await running(t, 'mod');
    fleet.change = { added: ['mod'], removed: [], restarted: [], changed: [], unchanged: [] };
    fleet.table.set('bad', failedBot('bad'));
    fleet.table.set('test', stoppedBot('test'));
    const start = t.mock.method(fleet, 'start', (name: string) => {
      fleet.table.set(name, botNamed(name));
      return fleet.reset(name);
    });
    const { code, out, err } = await say('up', '-d', '--config', config);
    assert.match(err, /already runs, pid 41190; configuration read again, 1 bots changed/);
    assert.deepEqual(
      start.mock.calls.map(({ arguments: [name] }) => name),
      ['bad'],
      'nobody wanted test to run',
    );
    assert.match(out, /2 of 2 bots running/);
    assert.equal(code, 0);
  });

  it('needs no configuration where it is called from', async (t) => {
    const { say } = await running(t, 'mod');
    assert.equal((await say('up', '--no-wait')).code, 0);
  });

  it('knows its configuration by another name', async (t) => {
    const { config, say } = await running(t, 'mod');
    const link = join(scratchDirectory(t), 'link.yaml');
    symlinkSync(config, link);
    assert.equal((await say('up', '--config', link)).code, 0);
  });

  it('refuses to serve another configuration', async (t) => {
    const { config, say } = await running(t, 'mod');
    const { code, err } = await say('up', '--config', '/elsewhere/droas.yaml');
    assert.equal(code, 1);
    assert.ok(err.includes(`pid 41190) runs with ${config}, not with /elsewhere/droas.yaml`));
  });

  it('changes nothing when the configuration is invalid', async (t) => {
    const { fleet, say } = await running(t, 'mod');
    fleet.failure = new DroasError('CONFIG_INVALID', 'bad');
    assert.equal((await say('up')).code, 6);
  });
});

describe('droas up in the foreground', () => {
  /** Runs `up` (or `daemon`) in this process, with a supervisor that ends when it is told to. */
  function foreground(t: TestContext, argv: string[], more: { starting?: Promise<void>; startFails?: unknown } = {}) {
    const fleet = new FakeFleet(botNamed('mod'));
    const reasons: string[] = [];
    const done = Promise.withResolvers<number>();
    const started = Promise.withResolvers<void>();
    const before = process.listenerCount('SIGINT');
    const signal = deliverToNew();
    t.after(() => assert.equal(process.listenerCount('SIGINT'), before));
    const said = droas(argv, {
      wiring: {
        checkConfig: async () => ({ bots: 1, services: 0, capacity: 10 }),
        startDaemon: async () => {
          queueMicrotask(started.resolve);
          await more.starting;
          if (more.startFails !== undefined) throw more.startFails;
          return {
            socketPath: '/srv/state/droas.sock',
            fleet,
            done: done.promise,
            stop: (reason) => void reasons.push(reason),
          };
        },
      },
    });
    return { fleet, reasons, done, started: started.promise, said, signal };
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('shows what happened since the start and what happens, until the supervisor ends', async (t) => {
    const up = foreground(t, ['up', '--config', '/srv/droas.yaml']);
    up.fleet.record({ at: '2026-01-31T11:00:00.000Z', sentence: 'an older run' });
    up.fleet.record({ sentence: 'at the start' });
    await up.started;
    await turn();
    up.fleet.record({ sentence: 'later', severity: 'error' });
    up.done.resolve(0);
    const { code, out, err } = await up.said;
    assert.equal(code, 0);
    assert.match(out, /^TIME [\s\S]*at the start\n[\s\S]*later\n$/);
    assert.doesNotMatch(out, /an older run/);
    assert.match(err, /in this terminal, pid \d+, socket \/srv\/state\/droas\.sock; Ctrl-C ends it/);
  });

  it('gives events as lines of JSON', async (t) => {
    const up = foreground(t, ['up', '--json', '--config', '/srv/droas.yaml']);
    await up.started;
    await turn();
    const event = up.fleet.record();
    up.done.resolve(0);
    const { out } = await up.said;
    assert.deepEqual(JSON.parse(out), event);
  });

  it('drains at the first Ctrl-C, kills at the second, and is 130', async (t) => {
    const up = foreground(t, ['up', '--config', '/srv/droas.yaml']);
    await up.started;
    await turn();
    up.signal('SIGINT');
    up.signal('SIGINT');
    assert.deepEqual(up.reasons, ['SIGINT', 'SIGINT']);
    up.done.resolve(0);
    const { code, err } = await up.said;
    assert.equal(code, 130);
    assert.match(err, /Stopping the bots; once more kills them\.\nKilling the bots\./);
  });

  it('leaves at once at the third', async (t) => {
    const up = foreground(t, ['up', '--config', '/srv/droas.yaml']);
    await up.started;
    await turn();
    const exit = t.mock.method(process, 'exit', (() => {}) as () => never);
    for (let times = 0; times < 3; times++) up.signal('SIGINT');
    assert.deepEqual(
      exit.mock.calls.map(({ arguments: [code] }) => code),
      [130],
    );
    up.done.resolve(0);
    await up.said;
  });

  it('heeds a signal that comes during the start', async (t) => {
    const gate = Promise.withResolvers<void>();
    const up = foreground(t, ['up', '--config', '/srv/droas.yaml'], { starting: gate.promise });
    await up.started;
    up.signal('SIGTERM');
    gate.resolve();
    await turn();
    assert.deepEqual(up.reasons, ['SIGTERM']);
    up.done.resolve(0);
    assert.equal((await up.said).code, 0, 'asked to end by a service manager');
  });

  it('drains when its terminal goes away', async (t) => {
    const up = foreground(t, ['up', '--config', '/srv/droas.yaml']);
    await up.started;
    await turn();
    up.signal('SIGHUP');
    assert.deepEqual(up.reasons, ['SIGHUP']);
    up.done.resolve(1);
    assert.equal((await up.said).code, 1);
  });

  it('as the daemon, reads the configuration again at SIGHUP, and survives a bad one', async (t) => {
    const daemon = foreground(t, ['daemon', '--config', '/srv/droas.yaml']);
    await daemon.started;
    await turn();
    const reload = t.mock.method(daemon.fleet, 'reload');
    daemon.signal('SIGHUP');
    daemon.fleet.failure = new DroasError('CONFIG_INVALID', 'a bad configuration');
    daemon.signal('SIGHUP');
    assert.equal(reload.mock.callCount(), 2);
    assert.deepEqual(daemon.reasons, []);
    daemon.done.resolve(0);
    const { code, err } = await daemon.said;
    assert.equal(code, 0);
    assert.match(err, /a bad configuration/);
  });

  it('ends with the error of a supervisor that cannot start', async (t) => {
    const startFails = new DroasError('ALREADY_RUNNING', 'pid 5 owns it', { remedy: 'end it' });
    const daemon = foreground(t, ['daemon', '--config', '/srv/droas.yaml'], { startFails });
    assert.deepEqual(await daemon.said, { code: 1, out: '', err: '✖ pid 5 owns it\n    → end it\n' });
  });
});

describe('droas down', () => {
  it('ends the supervisor and waits until it is gone', async (t) => {
    const { say, config } = setUp(t, { bots: [botNamed('mod')] });
    await say('up', '-d', '--config', config);
    const { pid } = JSON.parse((await say('status', '--json')).out).info;
    const { code, out, err } = await say('down');
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^✔ supervisor \\(pid ${pid}\\) ended in `));
    assert.match(err, /Stopping 1 bots/);
    assert.match((await say('ps')).err, /No supervisor answers/);
  });

  it('is done where there is nothing to end', async (t) => {
    const { say } = setUp(t);
    assert.match((await say('down')).out, /^✔ no supervisor runs on /);
    assert.deepEqual(JSON.parse((await say('down', '--json')).out), { apiVersion: 'v1', changed: false });
  });

  it('is 8 when the supervisor takes its time', async (t) => {
    const { say, config } = setUp(t, { hang: true });
    await say('up', '-d', '--no-wait', '--config', config);
    const { code, err } = await say('down', '--timeout', '100ms');
    assert.equal(code, 8);
    assert.match(err, /still stopping its bots after 100ms/);
  });

  it('does not wait for a zombie that nobody collects', async (t) => {
    const { spawn } = await import('node:child_process');
    const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    t.after(() => parent.kill('SIGKILL'));
    const [pid] = (await once(parent.stdout, 'data')) as [Buffer];
    while (!/\) Z /.test(readFileSync(`/proc/${Number(pid)}/stat`, 'latin1')))
      await new Promise((resolve) => setImmediate(resolve));
    const fleet = new FakeFleet();
    fleet.facts = { pid: Number(pid) };
    const { socketPath } = await serveFleet(t, fleet);
    const { code, out } = await droas(['down', '--json'], { socketPath });
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(out), { apiVersion: 'v1', changed: true, pid: Number(pid) });
  });

  it('passes on what is not absence', async (t) => {
    const fleet = new FakeFleet();
    fleet.info = () => {
      throw new DroasError('JOURNAL_UNAVAILABLE', 'disk full');
    };
    const api = createApi({ fleet });
    const socketPath = join(scratchDirectory(t), 'droas.sock');
    await api.listen(socketPath);
    t.after(() => api.close());
    assert.match((await droas(['down'], { socketPath })).err, /disk full/);
  });
});
