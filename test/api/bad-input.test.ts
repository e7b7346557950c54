import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createApi } from '../../src/api/server.ts';
import { botNamed, FakeFleet } from '../support/fake-fleet.ts';

const { inject } = createApi({ fleet: new FakeFleet(botNamed('mod')) });

type Request = {
  method: 'GET' | 'POST' | 'DELETE' | 'PUT';
  url: string;
  payload?: string | object;
  headers?: Record<string, string>;
};
const json = { 'content-type': 'application/json' };
const create = { method: 'POST', url: '/api/v1/bots', headers: json } as const;

const cases: readonly (readonly [what: string, request: Request, status: number, pointer?: string])[] = [
  ['an unknown path', { method: 'GET', url: '/api/v2/bots' }, 404],
  ['an unknown method', { method: 'PUT', url: '/api/v1/bots' }, 404],
  ['a path that is no URL', { method: 'GET', url: '/api/v1/bots/%zz' }, 400],
  ['broken JSON', { ...create, payload: '{"name": ' }, 400],
  ['an empty body', { ...create, payload: '' }, 400],
  ['no body', { method: 'POST', url: '/api/v1/bots' }, 400, 'body'],
  ['a body that is no object', { ...create, payload: '[1]' }, 400, 'body'],
  ['a body that changes prototypes', { ...create, payload: '{"__proto__": {"a": 1}, "name": "x", "spec": {}}' }, 400],
  ['a body over 256 KiB', { ...create, payload: { name: 'x', spec: { a: 'a'.repeat(256 * 1024) } } }, 413],
  ['text instead of JSON', { ...create, headers: { 'content-type': 'text/plain' }, payload: 'hello' }, 415],
  [
    'a form instead of JSON',
    { ...create, headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: 'a=1' },
    415,
  ],
  ['a missing key', { ...create, payload: { name: 'x' } }, 400, 'body/spec'],
  ['an unknown key', { ...create, payload: { name: 'x', spec: {}, more: 1 } }, 400, 'body'],
  ['a name that is none', { ...create, payload: { name: '../etc', spec: {} } }, 400, 'body/name'],
  [
    'a signal that is none',
    { method: 'POST', url: '/api/v1/bots/mod/kill', payload: { signal: 'KILL' } },
    400,
    'body/signal',
  ],
  [
    'a signal unknown here',
    { method: 'POST', url: '/api/v1/bots/mod/kill', payload: { signal: 'SIGFOO' } },
    400,
    'body/signal',
  ],
  ['a wait that is no duration', { method: 'POST', url: '/api/v1/bots/mod/stop?wait=soon' }, 400, 'query/wait'],
  ['a wait for ever', { method: 'POST', url: '/api/v1/bots/mod/stop?wait=11m' }, 400, 'query/wait'],
  ['a limit of nothing', { method: 'GET', url: '/api/v1/events?limit=0' }, 400, 'query/limit'],
  ['a limit beyond the bound', { method: 'GET', url: '/api/v1/events?limit=10001' }, 400, 'query/limit'],
  ['a limit given twice', { method: 'GET', url: '/api/v1/events?limit=1&limit=2' }, 400, 'query/limit'],
  ['an empty limit', { method: 'GET', url: '/api/v1/events?limit=' }, 400, 'query/limit'],
  ['a time that is none', { method: 'GET', url: '/api/v1/events?since=yesterday' }, 400, 'query/since'],
  [
    'a date that does not exist',
    { method: 'GET', url: '/api/v1/events?since=2026-13-45T00:00:00Z' },
    400,
    'query/since',
  ],
  ['a number that is none', { method: 'GET', url: '/api/v1/events?after=-1' }, 400, 'query/after'],
  ['a misspelt filter', { method: 'GET', url: '/api/v1/events?bots=mod' }, 400, 'query'],
  ['a filter where there is none', { method: 'GET', url: '/api/v1/bots?name=mod' }, 400, 'query'],
  ['an event type that is none', { method: 'GET', url: '/api/v1/events?type=*' }, 400, 'query/type'],
  [
    'a Last-Event-ID that is no number',
    { method: 'GET', url: '/api/v1/events/stream', headers: { 'last-event-id': 'x' } },
    400,
    'header',
  ],
  ['a flag that is neither', { method: 'POST', url: '/api/v1/config/reload?dryRun=maybe' }, 400, 'query/dryRun'],
];

describe('bad input', () => {
  for (const [what, request, status, pointer] of cases) {
    it(`${what} is ${status}`, async () => {
      const answer = await inject(request);
      assert.equal(answer.statusCode, status, answer.body);
      assert.match(answer.headers['content-type'] as string, /^application\/problem\+json/);
      const problem = answer.json();
      assert.equal(problem.status, status);
      assert.equal(problem.code, status === 404 ? 'NOT_FOUND' : 'USAGE');
      if (pointer !== undefined) assert.equal(problem.errors[0]?.pointer, pointer);
    });
  }

  it('never makes the server fail, whatever it is', async () => {
    const method = fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'PATCH');
    const path = fc.constantFrom(
      '/api/v1/bots',
      '/api/v1/bots/mod',
      '/api/v1/bots/mod/stop',
      '/api/v1/bots/mod/kill',
      '/api/v1/bots/mod/logs',
      '/api/v1/events',
      '/api/v1/operations/x',
      '/api/v1/config/reload',
      '/readyz',
    );
    const query = fc.dictionary(
      fc.constantFrom('limit', 'since', 'after', 'bot', 'type', 'wait', 'dryRun', 'x'),
      fc.string(),
    );
    const payload = fc.option(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.json().map((text) => `{"name":${text},"spec":${text},"signal":${text}}`),
      ),
    );
    await fc.assert(
      fc.asyncProperty(method, path, query, payload, async (verb, url, given, body) => {
        const answer = await inject({
          method: verb as 'GET',
          url: `${url}?${new URLSearchParams(given)}`,
          ...(body === null ? {} : { payload: body, headers: json }),
        });
        assert.ok(answer.statusCode < 500, `${verb} ${url} answered ${answer.statusCode}: ${answer.body}`);
      }),
      { numRuns: 500 },
    );
  });
});
