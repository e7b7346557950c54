import assert from 'node:assert/strict';
import { request } from 'node:http';
import { describe, it } from 'node:test';
import { createApi } from '../../src/api/server.ts';
import { DroasError } from '../../src/core/errors.ts';
import { serveFleet } from '../support/api-server.ts';
import { botNamed, FakeFleet, someTime, stoppedBot } from '../support/fake-fleet.ts';

const setUp = (...bots: Parameters<typeof botNamed>[0][]) => {
  const fleet = new FakeFleet(...bots.map((name) => botNamed(name)));
  const { inject } = createApi({ fleet });
  return { fleet, inject };
};

describe('what the API tells', () => {
  it('shows the supervisor', async () => {
    const { inject } = setUp('mod');
    const answer = await inject('/api/v1/info');
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.json().capacity.used, 1);
  });

  it('lists the bots, and shows one', async () => {
    const { inject } = setUp('mod', 'music');
    const list = (await inject('/api/v1/bots')).json();
    assert.equal(list.apiVersion, 'v1');
    assert.deepEqual(
      list.items.map(({ name }: { name: string }) => name),
      ['mod', 'music'],
    );
    assert.deepEqual((await inject('/api/v1/bots/music')).json(), botNamed('music'));
  });

  it('judges the health of a bot', async () => {
    const { inject } = setUp('mod');
    assert.deepEqual((await inject('/api/v1/bots/mod/health')).json(), {
      name: 'mod',
      health: 'healthy',
      reasons: ['gateway ready'],
      state: 'running',
      desired: 'running',
      checkedAt: someTime,
    });
  });

  it('gives the newest lines of a log, bounded by number and time', async () => {
    const { fleet, inject } = setUp('mod');
    for (const text of ['one', 'two', 'three']) fleet.print('mod', text);
    const texts = async (query: string) => {
      const { items } = (await inject(`/api/v1/bots/mod/logs${query}`)).json();
      return items.map(({ text }: { text: string }) => text);
    };
    assert.deepEqual(await texts(''), ['one', 'two', 'three']);
    assert.deepEqual(await texts('?limit=2'), ['two', 'three']);
    assert.deepEqual(await texts('?since=2026-01-31T12:04:10.003Z'), ['three']);
    assert.deepEqual(await texts('?since=1m'), [], 'a minute ago is long after those lines');
  });

  it('gives the journal by number, time, bot and type', async () => {
    const { fleet, inject } = setUp('mod');
    fleet.record();
    fleet.record({ bot: 'music' });
    fleet.record({ type: 'bot.ready', at: '2026-01-31T13:00:00.000Z' });
    const seqs = async (query: string) => {
      const { items } = (await inject(`/api/v1/events${query}`)).json();
      return items.map(({ seq }: { seq: number }) => seq);
    };
    assert.deepEqual(await seqs(''), [1, 2, 3]);
    assert.deepEqual(await seqs('?limit=2'), [2, 3]);
    assert.deepEqual(await seqs('?after=1&limit=1'), [2]);
    assert.deepEqual(await seqs('?bot=music'), [2]);
    assert.deepEqual(await seqs('?type=bot.ready'), [3]);
    assert.deepEqual(await seqs('?since=2026-01-31T12:30:00Z'), [3]);
  });

  it('is live and ready, and says what troubles it only when asked', async () => {
    const { fleet, inject } = setUp();
    fleet.facts = { problems: ['the disk is full'] };
    assert.equal((await inject('/livez')).statusCode, 200);
    assert.deepEqual((await inject('/readyz')).json(), { status: 'ok' });
    assert.deepEqual((await inject('/readyz?verbose')).json(), { status: 'ok', problems: ['the disk is full'] });
  });

  it('stays live but is not ready once it was told to go', async () => {
    const { fleet, inject } = setUp();
    const answer = await inject({ method: 'POST', url: '/api/v1/shutdown' });
    assert.equal(answer.statusCode, 202);
    assert.equal(fleet.shutdowns, 1);
    assert.equal((await inject('/readyz')).statusCode, 503);
    assert.equal((await inject('/livez')).statusCode, 200);
  });
});

describe('what the API does', () => {
  for (const verb of ['start', 'stop', 'restart', 'reset'] as const) {
    it(`${verb}: names the operation, and where to look for it`, async () => {
      const { fleet, inject } = setUp('mod');
      fleet.hold = true;
      const answer = await inject({ method: 'POST', url: `/api/v1/bots/mod/${verb}` });
      assert.equal(answer.statusCode, 202);
      const operation = answer.json();
      assert.equal(operation.kind, verb);
      assert.equal(operation.outcome, null);
      assert.equal(answer.headers.location, `/api/v1/operations/${operation.id}`);
      assert.deepEqual((await inject(answer.headers.location ?? '')).json(), operation);
    });
  }

  it('answers 200 at once when nothing is left to do', async () => {
    const { inject } = setUp('mod');
    const answer = await inject({ method: 'POST', url: '/api/v1/bots/mod/start' });
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.json().changed, false);
  });

  it('waits for the outcome as long as it is told to', async () => {
    const { fleet, inject } = setUp('mod');
    fleet.hold = true;
    const waiting = fleet.next('waiting');
    const answer = inject({ method: 'POST', url: '/api/v1/bots/mod/stop?wait=30s' });
    fleet.finish((await waiting) as string, { outcome: 'done', sentence: 'stopped' });
    const { statusCode, json } = await answer.then((got) => ({ statusCode: got.statusCode, json: got.json() }));
    assert.equal(statusCode, 200);
    assert.equal(json.outcome, 'done');
  });

  it('says that an operation failed with 200: the request itself was carried out', async () => {
    const { fleet, inject } = setUp('mod');
    fleet.endings.set('mod', { outcome: 'failed', sentence: 'exited with code 1' });
    const answer = await inject({ method: 'POST', url: '/api/v1/bots/mod/restart?wait=1s' });
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.json().outcome, 'failed');
  });

  it('answers 202 when the time is up and the operation goes on', async () => {
    const { fleet, inject } = setUp('mod');
    fleet.hold = true;
    const answer = await inject({ method: 'POST', url: '/api/v1/bots/mod/stop?wait=10ms' });
    assert.equal(answer.statusCode, 202);
    assert.equal(answer.json().outcome, null);
  });

  it('answers whoever waits when it goes away itself', async () => {
    const fleet = new FakeFleet(botNamed('mod'));
    fleet.hold = true;
    const api = createApi({ fleet });
    const waiting = fleet.next('waiting');
    const answer = api.inject({ method: 'POST', url: '/api/v1/bots/mod/stop?wait=10m' });
    await waiting;
    await api.close();
    assert.equal((await answer).statusCode, 202);
  });

  it('stops waiting when the caller hangs up; the operation goes on', async (t) => {
    const fleet = new FakeFleet(botNamed('mod'));
    fleet.hold = true;
    const { socketPath } = await serveFleet(t, fleet);
    const waiting = fleet.next('waiting');
    const caller = request({ socketPath, method: 'POST', path: '/api/v1/bots/mod/stop?wait=10m' }).on(
      'error',
      () => {},
    );
    caller.end();
    const id = (await waiting) as string;
    const waited = fleet.next('waited');
    caller.destroy();
    assert.equal(await waited, id);
    assert.equal(fleet.operation(id).outcome, null);
  });

  it('does not take a failure while waiting for the end of the wait', async () => {
    const { fleet, inject } = setUp('mod');
    fleet.hold = true;
    fleet.settled = async () => {
      throw new DroasError('JOURNAL_UNAVAILABLE', 'disk full');
    };
    const answer = await inject({ method: 'POST', url: '/api/v1/bots/mod/stop?wait=1s' });
    assert.equal(answer.statusCode, 503);
  });

  it('creates a bot from its document', async () => {
    const { fleet, inject } = setUp();
    const spec = { builtin: 'assistant' };
    const answer = await inject({ method: 'POST', url: '/api/v1/bots', payload: { name: 'new', spec } });
    assert.equal(answer.statusCode, 200);
    assert.deepEqual(fleet.created, [{ name: 'new', spec }]);
  });

  it('removes a bot', async () => {
    const { fleet, inject } = setUp('mod');
    const answer = await inject({ method: 'DELETE', url: '/api/v1/bots/mod' });
    assert.equal(answer.json().kind, 'delete');
    assert.deepEqual(fleet.bots(), []);
  });

  it('sends a signal', async () => {
    const { fleet, inject } = setUp('mod');
    const answer = await inject({ method: 'POST', url: '/api/v1/bots/mod/kill', payload: { signal: 'SIGUSR1' } });
    assert.equal(answer.statusCode, 204);
    assert.deepEqual(fleet.kills, ['mod SIGUSR1']);
  });

  it('reads the configuration again, or only says what that would change', async () => {
    const { fleet, inject } = setUp();
    fleet.change = { added: ['new'], removed: [], restarted: [], changed: [], unchanged: [] };
    for (const [query, dryRun] of [
      ['', false],
      ['?dryRun', true],
      ['?dryRun=true', true],
      ['?dryRun=false', false],
    ] as const) {
      const answer = await inject({ method: 'POST', url: `/api/v1/config/reload${query}` });
      assert.deepEqual(answer.json(), { dryRun, ...fleet.change });
    }
  });
});

describe('what the fleet refuses', () => {
  const refusals = [
    ['GET', '/api/v1/bots/nobody', 404, 'BOT_NOT_FOUND'],
    ['GET', '/api/v1/bots/Not%20A%20Name', 404, 'BOT_NOT_FOUND'],
    ['GET', '/api/v1/bots/nobody/health', 404, 'BOT_NOT_FOUND'],
    ['GET', '/api/v1/bots/nobody/logs', 404, 'BOT_NOT_FOUND'],
    ['GET', '/api/v1/bots/nobody/logs/stream', 404, 'BOT_NOT_FOUND'],
    ['GET', '/api/v1/logs/stream?bots=mod,nobody', 404, 'BOT_NOT_FOUND'],
    ['GET', '/api/v1/logs/stream?bots=', 404, 'BOT_NOT_FOUND'],
    ['POST', '/api/v1/bots/nobody/start', 404, 'BOT_NOT_FOUND'],
    ['DELETE', '/api/v1/bots/nobody', 404, 'BOT_NOT_FOUND'],
    ['GET', '/api/v1/operations/op_unknown', 404, 'OPERATION_NOT_FOUND'],
  ] as const;
  for (const [method, url, status, code] of refusals) {
    it(`${method} ${url} is ${status} ${code}`, async () => {
      const { inject } = setUp('mod');
      const answer = await inject({ method, url });
      assert.equal(answer.statusCode, status);
      assert.match(answer.headers['content-type'] as string, /^application\/problem\+json/);
      assert.equal(answer.json().code, code);
      assert.equal(answer.json().type, `urn:droas:error:${code}`);
    });
  }

  it('keeps remedy and every detail', async () => {
    const { fleet, inject } = setUp();
    fleet.failure = new DroasError('CONFIG_INVALID', 'two errors', {
      remedy: 'mend them',
      details: [{ where: 'droas.yaml:8:20 bots.music.command', what: 'expected an array' }],
    });
    const answer = await inject({ method: 'POST', url: '/api/v1/config/reload' });
    assert.equal(answer.statusCode, 422);
    const { detail, remedy, errors } = answer.json();
    assert.deepEqual(
      { detail, remedy, errors },
      {
        detail: 'two errors',
        remedy: 'mend them',
        errors: [{ pointer: 'droas.yaml:8:20 bots.music.command', detail: 'expected an array' }],
      },
    );
  });

  it('answers what exists, is full or has no process with 409', async () => {
    const { fleet, inject } = setUp('mod');
    const create = (name: string) => inject({ method: 'POST', url: '/api/v1/bots', payload: { name, spec: {} } });
    assert.equal((await create('mod')).json().code, 'BOT_EXISTS');
    fleet.capacity = 1;
    assert.equal((await create('eleventh')).json().code, 'CAPACITY_REACHED');
    fleet.table.set('mod', stoppedBot('mod'));
    const killed = await inject({ method: 'POST', url: '/api/v1/bots/mod/kill', payload: { signal: 'SIGKILL' } });
    assert.equal(killed.statusCode, 409);
    assert.equal(killed.json().code, 'BOT_NOT_RUNNING');
  });

  it('tells nothing of a bug but that it is one', async () => {
    const { fleet, inject } = setUp('mod');
    for (const bug of [new Error('the password is swordfish'), 'swordfish', undefined]) {
      fleet.failure = bug ?? Object.create(null);
      const answer = await inject({ method: 'POST', url: '/api/v1/bots/mod/start' });
      assert.equal(answer.statusCode, 500);
      assert.equal(answer.json().code, 'INTERNAL');
      assert.doesNotMatch(answer.body, /swordfish/);
    }
  });
});
