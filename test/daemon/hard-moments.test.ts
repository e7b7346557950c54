import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { codeOf } from '../../src/core/errors.ts';
import { lives, service, TestFleet } from '../support/daemon.ts';

const running = (bot: { state: string }) => bot.state === 'running';
const fleets: TestFleet[] = [];
function fleetOf(...args: ConstructorParameters<typeof TestFleet>): TestFleet {
  const fleet = new TestFleet(...args);
  fleets.push(fleet);
  return fleet;
}
/** Keeps the thread, on which the supervisor runs too. */
function busyUntil(holds: () => boolean): void {
  while (!holds());
}
after(() => Promise.all(fleets.map((fleet) => fleet.dispose())));
const slow = { ...service('sleep 1; echo up; exec sleep 1000'), ready: { log: 'up' } };

describe('while bots start one after the other', () => {
  test('a bot that is stopped before its turn stays stopped', async () => {
    const fleet = fleetOf({ first: slow, second: { ...service(lives), after: ['first'] } });
    await fleet.here();
    assert.equal((await fleet.wish('second', 'stop')).outcome, 'done');
    await fleet.until('first', running);
    await fleet.wish('first', 'restart');
    assert.equal((await fleet.bot('second')).state, 'stopped');
    assert.deepEqual(fleet.processesOf('second'), []);
  });

  test('a drain starts nobody else and leaves nobody behind', async () => {
    const fleet = fleetOf({ first: slow, second: { ...service(lives), after: ['first'] } });
    await fleet.here();
    await fleet.until('first', ({ pid }) => pid !== null);
    assert.equal(await fleet.end(), 0);
    assert.deepEqual([...fleet.processesOf('first'), ...fleet.processesOf('second')], []);
  });
});

const speaks = (fixture: string) => ({
  ...service(lives),
  command: [process.execPath, join(import.meta.dirname, '../support', fixture)],
  ready: 'sdk',
  health: { heartbeat: '250ms' },
});

test('what a bot said last counts, though it was dead before the supervisor had time to listen', async () => {
  const fleet = fleetOf({ a: speaks('last-words-child.mjs') });
  await fleet.here();
  const { pid } = await fleet.until('a', (bot) => bot.pid !== null || bot.lastExit !== null);
  busyUntil(() => !existsSync(`/proc/${pid}/fd/0`));
  const bot = await fleet.until('a', ({ state, lastExit }) => state !== 'stopping' && lastExit !== null);
  assert.deepEqual([bot.state, bot.lastExit?.closeCode, bot.restarts.total], ['failed', 4014, 0]);
});

describe('a supervisor that takes over', () => {
  test('finds out that an adopted bot is frozen, though it never speaks again', async () => {
    const fleet = fleetOf({ a: speaks('polite-child.mjs') });
    await fleet.up();
    const before = await fleet.until('a', running);
    await fleet.client.ask('POST', '/api/v1/bots/a/kill', { signal: 'SIGSTOP' });
    await fleet.killSupervisor();
    await fleet.up();
    const replaced = await fleet.until('a', ({ incarnation, state }) => incarnation === 2 && state === 'running');
    assert.notEqual(replaced.pid, before.pid);
    assert.match(replaced.lastExit?.sentence ?? '', /no heartbeat/);
  });

  test('remembers that an adopted bot was ready, though its log never says so again', async () => {
    const fleet = fleetOf({
      a: { ...service('echo up; while :; do sleep 0.05; [ -e "$FLAG" ] && exit 127; done'), ready: { log: 'up' } },
    });
    const flag = join(fleet.directory, 'flag');
    fleet.configure({
      a: {
        ...service(`echo up; while :; do sleep 0.05; [ -e '${flag}' ] && rm '${flag}' && exit 127; done`),
        ready: { log: 'up' },
      },
    });
    await fleet.up();
    await fleet.until('a', running);
    await fleet.killSupervisor();
    await fleet.up();
    writeFileSync(flag, '');
    const bot = await fleet.until('a', ({ incarnation, state }) => incarnation === 2 && state === 'running');
    assert.equal(bot.lastExit?.sentence, 'exited with code 127');
  });

  test('starts no second copy of a bot whose run directory it cannot trust, and says what to do', async () => {
    const fleet = fleetOf({ a: service(lives), b: service(lives) });
    await fleet.up();
    await fleet.until('a', running);
    await fleet.killSupervisor();
    const record = join(fleet.stateDirectory, 'run/a/1/pid');
    chmodSync(record, 0o620);
    await fleet.up();
    const bot = await fleet.until('a', ({ state }) => state === 'failed');
    assert.match(bot.reason, /second copy.*run\/a\/1/);
    assert.ok(bot.remedy !== null);
    await assert.rejects(fleet.wish('a', 'start'), (error: unknown) => codeOf(error) === 'RUN_DIRECTORY_UNTRUSTED');
    assert.equal(fleet.copiesOf('a'), 1);
    await fleet.until('b', running);
    chmodSync(record, 0o600);
    await fleet.end();
    await fleet.up();
    assert.equal((await fleet.info()).adopted, 1);
    assert.equal(fleet.copiesOf('a'), 1);
  });

  test('adopts a bot whose socket cannot be made, and says so', async () => {
    const fleet = fleetOf({ a: service(lives) });
    await fleet.up();
    const before = await fleet.until('a', running);
    await fleet.killSupervisor();
    const socket = join(fleet.stateDirectory, 'sockets/a.1');
    rmSync(socket);
    mkdirSync(join(socket, 'in the way'), { recursive: true });
    await fleet.up();
    assert.equal((await fleet.bot('a')).pid, before.pid);
    assert.match((await fleet.info()).problems.join(), /a is watched, but cannot report/);
    assert.equal((await fleet.wish('a', 'stop')).outcome, 'done');
  });
});

describe('what a bot says last', () => {
  test('is kept when the supervisor drains, however much it is', async () => {
    const fleet = fleetOf({
      a: service('trap "seq 200000; echo LAST LINE; exit 0" TERM; while :; do sleep 0.05; done'),
    });
    await fleet.up();
    await fleet.until('a', running);
    await fleet.end();
    const log = readFileSync(join(fleet.stateDirectory, 'logs/a/current.log'), 'utf8');
    assert.match(log.slice(-400), /LAST LINE/);
  });

  test('is kept when the supervisor is killed before it could read it', async () => {
    const fleet = fleetOf({
      a: service('sleep 0.7; seq 1000; echo LAST LINE; exit 3', { restart: { policy: 'never' } }),
    });
    await fleet.up();
    await fleet.until('a', running);
    await fleet.killSupervisor();
    while (fleet.processesOf('a').length > 0) await pause(20);
    await fleet.up();
    await fleet.until('a', ({ state }) => state === 'stopped');
    assert.equal((await fleet.logs('a')).at(-1)?.text, 'LAST LINE');
  });
});

test('a child that lies beyond reason spoils no answer', async () => {
  const fleet = fleetOf({
    liar: { ...service(lives), command: [process.execPath, join(import.meta.dirname, '../support/lying-child.mjs')] },
  });
  await fleet.here();
  await fleet.until('liar', running);
  while ((await fleet.logs('liar')).length < 1) await pause(20);
  assert.equal((await fleet.bots()).length, 1);
  assert.equal((await fleet.wish('liar', 'restart')).outcome, 'done');
});

test('a second signal to a draining supervisor grants no grace', async () => {
  const fleet = fleetOf({ a: service("trap '' TERM; while :; do sleep 0.05; done", { stop: { grace: '1m' } }) });
  await fleet.up();
  await fleet.until('a', running);
  process.kill(fleet.pid, 'SIGTERM');
  await fleet.until('a', ({ state }) => state === 'stopping');
  await fleet.signal('SIGTERM');
  assert.deepEqual(fleet.processesOf('a'), []);
});
