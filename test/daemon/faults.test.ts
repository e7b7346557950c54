import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '../../src/cli/client.ts';
import { codeOf } from '../../src/core/errors.ts';
import { lives, service, TestFleet } from '../support/daemon.ts';

const running = (bot: { state: string }) => bot.state === 'running';
const code = (expected: string) => (error: unknown) => {
  assert.equal(codeOf(error), expected);
  return true;
};

const fleets: TestFleet[] = [];
const mounts: string[] = [];
function fleetOf(...args: ConstructorParameters<typeof TestFleet>): TestFleet {
  const fleet = new TestFleet(...args);
  fleets.push(fleet);
  return fleet;
}
/** A file system of its own, so that it can be full or read-only even for root. */
function mounted(options: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'droas-mount-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'droas-test', directory]);
  mounts.push(directory);
  return directory;
}
after(async () => {
  await Promise.all(fleets.map((fleet) => fleet.dispose()));
  for (const directory of mounts) {
    execFileSync('umount', ['-l', directory]);
    rmSync(directory, { recursive: true });
  }
});

describe('programs that misbehave', () => {
  test('a command that does not exist, or may not be executed, is a failure that names the bot and what to do; no restart', async () => {
    const fleet = fleetOf({
      gone: { kind: 'service', command: ['/nonexistent/bot'] },
      plain: { kind: 'service', command: ['./plain.txt'] },
      script: { kind: 'service', command: ['./script'] },
      nowhere: { kind: 'service', command: ['sleep', '1'], cwd: './missing' },
    });
    writeFileSync(join(fleet.directory, 'bots.d', 'plain.txt'), 'not a program', { mode: 0o600 });
    writeFileSync(join(fleet.directory, 'bots.d', 'script'), '#!/nonexistent/interpreter\n');
    chmodSync(join(fleet.directory, 'bots.d', 'script'), 0o700);
    await fleet.here();
    for (const name of ['gone', 'plain', 'script', 'nowhere']) {
      const bot = await fleet.until(name, ({ state }) => state === 'failed');
      assert.equal(bot.restarts.total, 0, name);
      assert.ok(bot.reason.length > 20 && bot.remedy !== null, `${name}: ${bot.reason} → ${bot.remedy}`);
    }
    assert.match((await fleet.bot('gone')).reason, /gone.*\/nonexistent\/bot/);
    assert.equal((await fleet.wish('gone', 'start')).outcome, 'failed');
  });

  test('a bot that exits at once is tried five times with growing delays, then the circuit opens with a trial to come', async () => {
    const fleet = fleetOf({
      a: service('echo it broke >&2; exit 7', { restart: { initialDelay: '20ms', maxDelay: '1m' } }),
    });
    await fleet.here();
    const bot = await fleet.until('a', ({ state }) => state === 'suspended');
    assert.equal(bot.restarts.total, 5);
    assert.match(bot.reason, /circuit open after: exited with code 7/);
    assert.ok(bot.nextStartAt !== null && bot.remedy !== null);
    const delays = (await fleet.events('a', 'bot.restart-scheduled')).map(({ detail }) =>
      Math.round(Number(detail['delayMs'])),
    );
    assert.deepEqual(delays, [0, 20, 40, 80, 160]);
    const [first] = await fleet.events('a', 'bot.restart-scheduled');
    assert.deepEqual(first?.detail['lastLines'], ['it broke'], 'the event says what the bot said last');
    assert.equal((await fleet.events('a', 'alert.fired')).length, 1);
    assert.equal((await fleet.wish('a', 'reset')).outcome, 'done');
  });

  test('a bot that forks and exits does not leave its fork behind', async () => {
    const fleet = fleetOf({ a: service('sleep 1000 & exit 1', { restart: { policy: 'never' } }) });
    await fleet.here();
    await fleet.until('a', ({ state }) => state === 'stopped');
    assert.deepEqual(fleet.processesOf('a'), []);
  });

  test('a bot that closes its output lives on and is stopped like any other', async () => {
    const fleet = fleetOf({ a: service(`exec >&- 2>&-; ${lives}`) });
    await fleet.here();
    await fleet.until('a', running);
    assert.equal((await fleet.wish('a', 'stop')).outcome, 'done');
  });

  test('a bot that floods its output costs neither the others nor the memory of the supervisor', async () => {
    const fleet = fleetOf({ calm: service(lives), loud: service('exec yes 0123456789012345678901234567890123456789') });
    await fleet.up();
    await fleet.until('loud', running);
    const before = (await fleet.info()).memoryBytes;
    await pause(3_000);
    assert.equal((await fleet.wish('calm', 'restart')).outcome, 'done');
    const grown = (await fleet.info()).memoryBytes - before;
    assert.ok(grown < 60e6, `the supervisor grew by ${(grown / 1e6).toFixed(0)} MB`);
    assert.equal((await fleet.wish('loud', 'stop')).outcome, 'done');
    assert.match((await fleet.logs('loud')).at(-1)?.text ?? '', /^0123456789/);
  });

  test('a bot that ignores SIGTERM is killed with its whole tree when its grace is over', async () => {
    const fleet = fleetOf({
      a: service(`trap '' TERM; sleep 1000 & while :; do sleep 1000; done`, { stop: { grace: '300ms' } }),
    });
    await fleet.here();
    await fleet.until('a', running);
    const operation = await fleet.wish('a', 'stop');
    assert.equal(operation.outcome, 'done');
    assert.deepEqual(fleet.processesOf('a'), []);
    assert.equal((await fleet.events('a', 'bot.killed')).length, 1);
  });

  test('a child that sends garbage, half a line, a megabyte or another key harms only itself and is reported', async () => {
    const misuse = join(import.meta.dirname, '../support/rude-child.mjs');
    const fleet = fleetOf({ rude: { ...service(lives), command: [process.execPath, misuse] }, calm: service(lives) });
    await fleet.here();
    const calm = await fleet.until('calm', running);
    await fleet.until('rude', running);
    const reported = async () =>
      (await fleet.events('rude', 'bot.socket-misused')).map(({ sentence }) => sentence).join('\n');
    while (!(await reported()).includes('key')) await pause(20);
    const rude = await fleet.bot('rude');
    assert.deepEqual([rude.state, rude.restarts.total], ['running', 0]);
    assert.equal((await fleet.bot('calm')).pid, calm.pid);
    const reports = await reported();
    assert.match(reports, /JSON/);
    assert.match(reports, /64 KiB/);
    assert.doesNotMatch(reports, /stolen-key/);
  });
});

describe('readiness and order', () => {
  test('each way to be ready is believed only when it is so', async () => {
    const fleet = fleetOf({});
    const flag = join(fleet.directory, 'flag');
    const port = await freePort();
    const listen = `require('node:http').createServer((q, r) => r.end('ok')).listen(${port}, '127.0.0.1')`;
    fleet.configure({
      log: { ...service('echo booting; sleep 0.3; echo now serving; exec sleep 1000'), ready: { log: 'now serving' } },
      tcp: { ...service(lives), command: [process.execPath, '-e', listen], ready: { tcp: `127.0.0.1:${port}` } },
      exec: { ...service(`sleep 0.3; : > "${flag}"; exec sleep 1000`), ready: { exec: ['test', '-e', flag] } },
      never: {
        ...service(lives),
        ready: { log: 'this is never said' },
        startDeadline: '500ms',
        restart: { policy: 'never' },
      },
    });
    await fleet.here();
    for (const name of ['log', 'tcp', 'exec']) {
      await fleet.until(name, running);
      const [ready] = await fleet.events(name, 'bot.ready');
      assert.ok(Number(ready?.detail['tookMs']) > 50, `${name} took ${ready?.detail['tookMs']} ms`);
    }
    const never = await fleet.until('never', ({ state }) => state === 'stopped');
    assert.match(never.lastExit?.sentence ?? '', /not ready within/);
  });

  test('`after` starts by readiness and stops in reverse', async () => {
    const slow = { ...service('sleep 0.4; echo up; exec sleep 1000'), ready: { log: 'up' } };
    const fleet = fleetOf({ first: slow, second: { ...service(lives), after: ['first'] } });
    await fleet.here();
    await fleet.until('second', running);
    const [ready] = await fleet.events('first', 'bot.ready');
    const [starting] = await fleet.events('second', 'bot.starting');
    assert.ok((ready?.seq ?? 0) < (starting?.seq ?? 0), 'second began before first was ready');
    const stopped: string[] = [];
    const stream = new Client(fleet.client.socketPath).stream('/api/v1/events/stream');
    const collect = (async () => {
      for await (const { data } of stream) {
        const event = JSON.parse(data);
        if (event.type === 'bot.stopped') stopped.push(event.bot);
      }
    })();
    await fleet.events('first');
    await fleet.end();
    await collect;
    assert.deepEqual(stopped, ['second', 'first']);
  });

  test('a health probe that fails three times ends the bot as hung', async () => {
    const fleet = fleetOf({});
    const flag = join(fleet.directory, 'flag');
    writeFileSync(flag, '');
    fleet.configure({
      a: { ...service(lives), health: { probe: { exec: ['test', '-e', flag], interval: '100ms', timeout: '1s' } } },
    });
    await fleet.here();
    await fleet.until('a', ({ health }) => health === 'healthy');
    rmSync(flag);
    const bot = await fleet.until('a', ({ incarnation }) => incarnation === 2);
    assert.match(bot.lastExit?.sentence ?? '', /probe failed/);
  });
});

describe('capacity', () => {
  test('the eleventh bot is refused with figures, also when many are created at once', async () => {
    const bot = { kind: 'bot', command: ['sleep', '1000'], autostart: false };
    const fleet = fleetOf({ b0: bot });
    await fleet.here();
    const creates = Array.from({ length: 12 }, (_, n) =>
      fleet.client.ask('POST', '/api/v1/bots', { name: `n${n}`, spec: bot }).then(
        () => 'created',
        (error: unknown) => codeOf(error),
      ),
    );
    const outcomes = await Promise.all(creates);
    assert.equal(outcomes.filter((outcome) => outcome === 'created').length, 9);
    assert.equal(outcomes.filter((outcome) => outcome === 'CAPACITY_REACHED').length, 3);
    assert.equal((await fleet.bots()).length, 10);
    await assert.rejects(fleet.client.ask('POST', '/api/v1/bots', { name: 'more', spec: bot }), /10 of 10/);
    await fleet.client.ask('POST', '/api/v1/bots', { name: 'redis', spec: { ...bot, kind: 'service' } });
  });

  test('a bot is created, runs, and is deleted with its file, its logs and its processes', async () => {
    const fleet = fleetOf({});
    await fleet.here();
    const spec = { kind: 'service', command: ['sh', '-c', 'echo hello; exec sleep 1000'] };
    const created = await fleet.client.ask<{ outcome: string }>('POST', '/api/v1/bots?wait=10s', { name: 'new', spec });
    assert.equal(created.outcome, 'done');
    const file = join(fleet.directory, 'bots.d', 'new.yaml');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const removed = await fleet.client.ask<{ outcome: string }>('DELETE', '/api/v1/bots/new?wait=10s');
    assert.equal(removed.outcome, 'done');
    assert.throws(() => statSync(file), /ENOENT/);
    assert.deepEqual(fleet.processesOf('new'), []);
    await assert.rejects(fleet.bot('new'), code('BOT_NOT_FOUND'));
  });
});

describe('the state directory', () => {
  test('a second supervisor is refused, names the first, and touches nothing', async () => {
    const fleet = fleetOf({ a: service(lives) });
    await fleet.here();
    const before = await fleet.until('a', running);
    const other = fleetOf({ a: service(lives) }, {}, fleet.stateDirectory);
    const daemon = other.launch();
    const [exit] = await once(daemon, 'exit');
    assert.equal(exit, 1);
    assert.match(other.output, /ALREADY_RUNNING/);
    assert.match(other.output, new RegExp(`${fleet.pid}`));
    assert.equal((await fleet.bot('a')).pid, before.pid);
  });

  test('a socket that a dead supervisor left is replaced', async () => {
    const fleet = fleetOf({});
    await fleet.up();
    await fleet.killSupervisor();
    assert.ok(statSync(fleet.client.socketPath).isSocket());
    await fleet.up();
    assert.equal(statSync(fleet.client.socketPath).mode & 0o777, 0o600);
  });

  test('read-only: refused with path and remedy, nothing started', async () => {
    const directory = mounted('size=1m,ro');
    const fleet = fleetOf({ a: service(lives) }, {}, join(directory, 'state'));
    const [exit] = await once(fleet.launch(), 'exit');
    assert.equal(exit, 1);
    assert.match(fleet.output, /STATE_UNWRITABLE/);
    assert.match(fleet.output, new RegExp(directory));
  });

  test('full: running bots are left alone, stop still works, nothing new starts, and it goes on by itself when there is space', async () => {
    const directory = mounted('size=24m');
    const fleet = fleetOf({ a: service(lives), b: service(lives) }, {}, join(directory, 'state'));
    await fleet.here();
    const before = await fleet.until('a', running);
    await fleet.until('b', running);
    const ballast = join(directory, 'ballast');
    fill(ballast);
    await fleet.client.ask('POST', '/api/v1/bots/b/restart').catch(() => {});
    for (let n = 0; n < 40; n++) await fleet.client.ask('POST', '/api/v1/bots/b/reset').catch(() => {});
    assert.equal((await fleet.bot('a')).pid, before.pid);
    await fleet.client.ask('POST', '/api/v1/bots/a/stop?wait=10s');
    assert.deepEqual(fleet.processesOf('a'), []);
    rmSync(ballast);
    await fleet.wish('a', 'start');
    await fleet.until('a', running);
    await fleet.until('b', running, 30_000);
    assert.equal(fleet.copiesOf('b'), 1);
  });
});

describe('secrets', () => {
  test('a token stands in no argument, environment, log, event or answer', async () => {
    const secretsToOutput =
      'cat "$DROAS_SECRETS"; echo; echo "the token: $(cat "$DROAS_SECRETS")" >&2; exec sleep 1000';
    const token = tokenLike();
    const fleet = fleetOf({ a: { command: ['sh', '-c', secretsToOutput], token: variable('A_TOKEN') } });
    fleet.environment = { A_TOKEN: token };
    await fleet.here();
    const bot = await fleet.until('a', running);
    while ((await fleet.logs('a')).length < 2) await pause(20);
    const [, middle = '', last = ''] = token.split('.');
    const seen = [
      JSON.stringify(await fleet.logs('a')),
      JSON.stringify(await fleet.bots()),
      JSON.stringify(await fleet.events('a')),
      readFileSync(join(fleet.stateDirectory, 'logs/a/current.log'), 'utf8'),
      readFileSync(`/proc/${bot.pid}/environ`, 'latin1'),
      readFileSync(`/proc/${bot.pid}/cmdline`, 'latin1'),
    ].join('\n');
    for (const part of [token, middle, last]) assert.ok(!seen.includes(part), 'a part of the token was seen');
  });
});

const variable = (name: string): string => `\${${name}}`;

function fill(path: string): void {
  for (const size of [1 << 20, 4096, 1]) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
    }
  }
}

/** Of Discord's form, made at run time. */
function tokenLike(): string {
  const id = Buffer.from('123456789012345678').toString('base64url');
  return `${id}.${'Gq3xZ'.padEnd(6, 'w')}.${'k9Tq'.repeat(10).slice(0, 38)}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
