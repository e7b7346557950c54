import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { lives, service, TestFleet } from '../support/daemon.ts';

describe('a supervisor that is killed and started again', () => {
  const fleets: TestFleet[] = [];
  const fleetOf = (...args: ConstructorParameters<typeof TestFleet>): TestFleet => {
    const fleet = new TestFleet(...args);
    fleets.push(fleet);
    return fleet;
  };
  after(() => Promise.all(fleets.map((fleet) => fleet.dispose())));
  const running = (bot: { state: string }) => bot.state === 'running';

  test('adopts what lives: same processes, no restart, and still commands them', async () => {
    const fleet = fleetOf({ a: service(lives), b: service(lives) });
    await fleet.up();
    const before = [await fleet.until('a', running), await fleet.until('b', running)];
    await fleet.killSupervisor();
    await fleet.up();
    const after = await fleet.bots();
    assert.deepEqual(
      after.map(({ pid, incarnation, state }) => [pid, incarnation, state]),
      before.map(({ pid, incarnation, state }) => [pid, incarnation, state]),
    );
    assert.equal((await fleet.info()).adopted, 2);
    assert.equal(fleet.copiesOf('a'), 1);
    assert.equal((await fleet.wish('a', 'stop')).outcome, 'done');
    assert.deepEqual(fleet.processesOf('a'), []);
  });

  test('hears of an exit that it did not see, with its code, and restarts once', async () => {
    const fleet = fleetOf({ a: service(lives) });
    const go = join(fleet.directory, 'go');
    fleet.configure({ a: service(`while [ ! -e "${go}" ]; do sleep 0.05; done; rm "${go}"; exit 3`) });
    await fleet.up();
    await fleet.until('a', running);
    await fleet.killSupervisor();
    writeFileSync(go, '');
    while (fleet.processesOf('a').length > 0) await pause(10);
    await fleet.up();
    const bot = await fleet.until('a', (now) => now.incarnation === 2 && running(now));
    assert.equal(bot.restarts.total, 1);
    assert.match(bot.lastExit?.sentence ?? '', /exited with code 3/);
    assert.equal(fleet.copiesOf('a'), 1);
  });

  test('leaves stopped what a person stopped', async () => {
    const fleet = fleetOf({ a: service(lives) });
    await fleet.up();
    await fleet.until('a', running);
    await fleet.wish('a', 'stop');
    await fleet.killSupervisor();
    await fleet.up();
    assert.equal((await fleet.bot('a')).state, 'stopped');
    assert.deepEqual(fleet.processesOf('a'), []);
  });

  for (const [what, spoil] of [
    ['zeroed', (path: string) => writeFileSync(path, Buffer.alloc(50_000))],
    ['cut to nothing', (path: string) => truncateSync(path, 0)],
  ] as const) {
    test(`with its database ${what} adopts from the run directories, keeps the file and says the way back`, async () => {
      const fleet = fleetOf({ a: service(lives), b: service(lives) });
      await fleet.up();
      const before = await fleet.until('a', running);
      await fleet.until('b', running);
      await fleet.wish('b', 'stop');
      await fleet.killSupervisor();
      const database = join(fleet.stateDirectory, 'state.db');
      for (const suffix of ['-wal', '-shm']) rmSync(`${database}${suffix}`, { force: true });
      spoil(database);
      await fleet.up();
      const bot = await fleet.bot('a');
      assert.deepEqual([bot.pid, bot.state], [before.pid, 'running']);
      await fleet.until('b', ({ state }) => state === 'stopped');
      assert.deepEqual(fleet.processesOf('b'), [], 'the wish survives the database');
      const kept = readdirSync(fleet.stateDirectory).filter((file) => file.startsWith('state.db.corrupt-'));
      assert.ok(kept.length >= 1, 'the file is kept');
      const [problem = ''] = (await fleet.info()).problems;
      assert.match(problem, /damaged.*kept as.*no bot was touched.*to go back/s);
    });
  }

  test('restarts a bot whose spec changed meanwhile, and stops one that is configured no more', async () => {
    const fleet = fleetOf({ a: service(lives), b: service(lives) });
    await fleet.up();
    await fleet.until('a', running);
    await fleet.until('b', running);
    await fleet.killSupervisor();
    fleet.configure({ a: service(lives, { env: { CHANGED: 'yes' } }) });
    await fleet.up();
    const bot = await fleet.until('a', (now) => now.incarnation === 2 && running(now));
    assert.equal(bot.restarts.total, 0, 'a new spec is no failure');
    while (fleet.processesOf('b').length > 0) await pause(10);
    assert.deepEqual(
      (await fleet.bots()).map(({ name }) => name),
      ['a'],
    );
  });

  test('killed again and again at any moment, never runs two copies, and all come back', async (context) => {
    const bots = {
      calm: service(lives),
      short: service('sleep 0.3; exit 1', { restart: { maxAttempts: 100, maxDelay: '100ms', initialDelay: '50ms' } }),
    };
    const fleet = fleetOf(bots);
    let copies = 0;
    let watching = true;
    const watch = (async () => {
      while (watching) {
        for (const name of Object.keys(bots)) copies = Math.max(copies, fleet.copiesOf(name));
        await pause(10);
      }
    })();
    context.after(async () => {
      watching = false;
      await watch;
    });
    for (let round = 0; round < 12; round++) {
      const daemon = fleet.launch();
      await pause(150 + round * 60);
      if (daemon.exitCode !== null) assert.fail(`round ${round}: the supervisor ended by itself: ${fleet.output}`);
      daemon.kill('SIGKILL');
      await once(daemon, 'exit');
    }
    await fleet.up();
    const calm = await fleet.until('calm', running);
    assert.equal(calm.restarts.total, 0);
    assert.equal(fleet.copiesOf('calm'), 1);
    assert.ok(copies <= 1, `${copies} copies at once`);
  });
});
