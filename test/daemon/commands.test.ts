import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { codeOf } from '../../src/core/errors.ts';
import type { EventView, HealthView, LogLineView, ReloadView } from '../../src/protocol/api.ts';
import { lives, service, TestFleet } from '../support/daemon.ts';

const running = (bot: { state: string }) => bot.state === 'running';
const code = (expected: string) => (error: unknown) => codeOf(error) === expected;
const fleets: TestFleet[] = [];
function fleetOf(...args: ConstructorParameters<typeof TestFleet>): TestFleet {
  const fleet = new TestFleet(...args);
  fleets.push(fleet);
  return fleet;
}
after(() => Promise.all(fleets.map((fleet) => fleet.dispose())));

describe('what a person asks for', () => {
  test('start, stop and restart are done when the processes say so, and asking twice changes nothing', async () => {
    const fleet = fleetOf({ a: service(lives, { autostart: false }) });
    await fleet.here();
    assert.equal((await fleet.bot('a')).state, 'stopped');
    const started = await fleet.wish('a', 'start');
    assert.deepEqual([started.outcome, started.changed, started.botState], ['done', true, 'running']);
    assert.equal((await fleet.wish('a', 'start')).changed, false);
    const before = await fleet.bot('a');
    assert.equal(fleet.copiesOf('a'), 1);
    assert.equal((await fleet.wish('a', 'restart')).outcome, 'done');
    const restarted = await fleet.bot('a');
    assert.equal(restarted.incarnation, before.incarnation + 1);
    assert.notEqual(restarted.pid, before.pid);
    assert.equal(restarted.restarts.total, 0, 'a restart by a person is no automatic one');
    assert.equal((await fleet.wish('a', 'stop')).outcome, 'done');
    assert.deepEqual(fleet.processesOf('a'), []);
    assert.equal((await fleet.wish('a', 'stop')).changed, false);
  });

  test('a later wish supersedes the earlier one, and both callers are told', async () => {
    const fleet = fleetOf({ a: service('trap "sleep 0.5; exit 0" TERM; while :; do sleep 0.05; done') });
    await fleet.here();
    await fleet.until('a', running);
    const [stopped, started] = await Promise.all([fleet.wish('a', 'stop'), fleet.wish('a', 'start')]);
    assert.deepEqual([stopped.outcome, started.outcome], ['superseded', 'done']);
    assert.equal((await fleet.bot('a')).incarnation, 2);
    assert.equal(fleet.copiesOf('a'), 1);
  });

  test('an operation can be asked for afterwards, also after the supervisor was replaced', async () => {
    const fleet = fleetOf({ a: service(lives) });
    await fleet.here();
    const { id } = await fleet.wish('a', 'restart');
    assert.equal((await fleet.client.get<{ outcome: string }>(`/api/v1/operations/${id}`)).outcome, 'done');
    await fleet.end();
    await fleet.here();
    assert.equal((await fleet.client.get<{ outcome: string }>(`/api/v1/operations/${id}`)).outcome, 'done');
    await assert.rejects(fleet.client.get('/api/v1/operations/op_none'), code('OPERATION_NOT_FOUND'));
  });

  test('a signal reaches the main process; a bot without one is named', async () => {
    const fleet = fleetOf({ a: service(lives), b: service(lives, { autostart: false }) });
    await fleet.here();
    await fleet.until('a', running);
    await fleet.client.ask('POST', '/api/v1/bots/a/kill', { signal: 'SIGKILL' });
    const bot = await fleet.until('a', (now) => now.incarnation === 2 && running(now));
    assert.match(bot.lastExit?.sentence ?? '', /SIGKILL: signal 9/);
    assert.equal(bot.restarts.total, 1);
    await assert.rejects(
      fleet.client.ask('POST', '/api/v1/bots/b/kill', { signal: 'SIGTERM' }),
      code('BOT_NOT_RUNNING'),
    );
  });

  test('a name that nobody has is answered with the names that there are', async () => {
    const fleet = fleetOf({ music: service(lives, { autostart: false }) });
    await fleet.here();
    await assert.rejects(fleet.bot('musik'), /configured are: music/);
    await assert.rejects(fleet.client.ask('POST', '/api/v1/bots/musik/start'), code('BOT_NOT_FOUND'));
  });

  test('health without evidence is Unknown, never Healthy', async () => {
    const fleet = fleetOf({ a: service(lives) });
    await fleet.here();
    await fleet.until('a', running);
    const health = await fleet.client.get<HealthView>('/api/v1/bots/a/health');
    assert.equal(health.health, 'unknown');
    assert.match(health.reasons[0] ?? '', /no evidence/);
  });
});

describe('what a person sees', () => {
  test('events tell the life of a bot in order, without gap or double, also over a stream that continues', async () => {
    const fleet = fleetOf({ a: service(lives) });
    await fleet.here();
    await fleet.until('a', running);
    await fleet.wish('a', 'restart');
    await fleet.wish('a', 'stop');
    const events = await fleet.events('a');
    assert.deepEqual(
      events.map(({ type }) => type).filter((type) => type !== 'health.changed'),
      [
        'bot.starting',
        'bot.ready',
        'bot.stopping',
        'bot.exited',
        'bot.starting',
        'bot.ready',
        'bot.stopping',
        'bot.exited',
        'bot.stopped',
      ],
    );
    const seqs: number[] = [];
    const last = events.at(-1)?.seq ?? 0;
    for await (const { data } of fleet.client.stream('/api/v1/events/stream', '1')) {
      const { seq } = JSON.parse(data) as EventView;
      seqs.push(seq);
      if (seq >= last) break;
    }
    assert.deepEqual(
      seqs,
      Array.from({ length: last - 1 }, (_, n) => n + 2),
    );
  });

  test('logs hold every line with its stream, and a stream brings new ones', async () => {
    const fleet = fleetOf({ a: service('echo to out; echo to err >&2; sleep 0.5; echo later; exec sleep 1000') });
    await fleet.here();
    const seen: string[] = [];
    for await (const { data } of fleet.client.stream('/api/v1/bots/a/logs/stream')) {
      const { text } = JSON.parse(data) as LogLineView;
      seen.push(text);
      if (text === 'later') break;
    }
    assert.ok(seen.includes('later'));
    const lines = (await fleet.logs('a')).map(({ stream, text }) => `${stream}: ${text}`).sort();
    assert.deepEqual(lines, ['err: to err', 'out: later', 'out: to out']);
  });

  test('memory and processes of a tree are measured', async () => {
    const fleet = fleetOf({ a: service('sleep 1000 & exec sleep 1000') });
    await fleet.here();
    const bot = await fleet.until('a', ({ memoryBytes }) => memoryBytes !== null);
    assert.equal(bot.processes, 2);
    assert.ok((bot.memoryBytes ?? 0) > 100_000);
  });
});

describe('the files are the truth', () => {
  test('a reload starts what is new, stops what is gone, restarts what changed and leaves the rest alone', async () => {
    const fleet = fleetOf({ same: service(lives), changed: service(lives), gone: service(lives) });
    await fleet.here();
    for (const name of ['same', 'changed', 'gone']) await fleet.until(name, running);
    const before = await fleet.bots();
    fleet.configure({
      same: service(lives),
      changed: service(lives, { env: { NEW: 'value' } }),
      added: service(lives),
    });
    const dry = await fleet.client.ask<ReloadView>('POST', '/api/v1/config/reload?dryRun=true');
    assert.deepEqual(
      [dry.added, dry.removed, dry.restarted, dry.unchanged],
      [['added'], ['gone'], ['changed'], ['same']],
    );
    assert.deepEqual(
      (await fleet.bots()).map(({ pid }) => pid),
      before.map(({ pid }) => pid),
      'a dry run changes nothing',
    );
    await fleet.client.ask('POST', '/api/v1/config/reload');
    await fleet.until('added', running);
    await fleet.until('changed', (bot) => bot.incarnation === 2 && running(bot));
    assert.equal((await fleet.bot('same')).pid, before.find(({ name }) => name === 'same')?.pid);
    await assert.rejects(async () => {
      for (;;) await fleet.bot('gone');
    }, code('BOT_NOT_FOUND'));
    assert.deepEqual(fleet.processesOf('gone'), []);
  });

  test('a broken file changes nothing and is explained with file, line and column', async () => {
    const fleet = fleetOf({ a: service(lives) });
    await fleet.here();
    const before = await fleet.until('a', running);
    writeFileSync(join(fleet.directory, 'bots.d', 'a.yaml'), 'kind: service\ncomand: [sleep, "1"]\n', { mode: 0o600 });
    await assert.rejects(fleet.client.ask('POST', '/api/v1/config/reload'), (error: unknown) => {
      const { details } = error as { details: readonly { where: string; what: string }[] };
      assert.match(JSON.stringify(details), /a\.yaml:2:1.*did you mean.*command/i);
      return codeOf(error) === 'CONFIG_INVALID';
    });
    assert.equal((await fleet.bot('a')).pid, before.pid);
  });

  test('two bots with a token of one Discord bot are refused, both named, the token not shown', async () => {
    const fleet = fleetOf({});
    const id = Buffer.from('123456789012345678').toString('base64url');
    const token = (end: string) => `${id}.${'GabcDe'}.${end.repeat(38)}`;
    await fleet.here();
    const spec = (end: string) => ({ command: ['sleep', '1000'], token: token(end), autostart: false });
    await fleet.client.ask('POST', '/api/v1/bots', { name: 'one', spec: spec('x') });
    await assert.rejects(
      fleet.client.ask('POST', '/api/v1/bots', { name: 'two', spec: spec('y') }),
      (error: unknown) => {
        const text = JSON.stringify(error) + (error as Error).message;
        assert.match(text, /one/);
        assert.match(text, /two/);
        assert.ok(!text.includes(token('y')));
        return true;
      },
    );
  });

  test('while the supervisor drains it takes nothing new, and says so', async () => {
    const fleet = fleetOf({ slow: service('trap "sleep 1; exit 0" TERM; while :; do sleep 0.05; done') });
    await fleet.here();
    await fleet.until('slow', running);
    await fleet.client.ask('POST', '/api/v1/shutdown');
    await assert.rejects(fleet.client.ask('POST', '/api/v1/bots/slow/start'), code('SHUTTING_DOWN'));
    assert.equal(await fleet.end(), 0);
    assert.deepEqual(fleet.processesOf('slow'), []);
    await fleet.here();
    await fleet.until('slow', running);
  });
});
