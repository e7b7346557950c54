import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Application, Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { call } from './call.ts';

describe('slash commands in the REST API', () => {
  let emulator: Emulator;
  let bot: Application;
  let url: string;
  before(async () => {
    emulator = await createEmulator({ routeCalls: 1_000, globalCalls: 1_000 });
    bot = emulator.createApplication();
    url = `${emulator.url}/v10/applications/${bot.id}/commands`;
  });
  after(() => emulator.close());
  const put = (body: unknown, at = url) => call(at, 'PUT', { token: bot.token, body });

  it('are overwritten as a whole and keep their ids', async () => {
    const ping = { name: 'ping', description: 'Answers' };
    const first = await put([
      ping,
      { name: 'reset', description: 'Forgets', options: [{ type: 3, name: 'what', description: 'What' }] },
    ]);
    assert.equal(first.status, 200);
    assert.deepEqual(
      first.body.map(({ name, application_id }: Record<string, string>) => [name, application_id]),
      [
        ['ping', bot.id],
        ['reset', bot.id],
      ],
    );
    const second = await put([ping]);
    assert.equal(second.body[0].id, first.body[0].id);
    assert.equal((await call(url, 'GET', { token: bot.token })).body.length, 1);
  });

  it('are separate for each guild', async () => {
    const guildUrl = `${emulator.url}/v10/applications/${bot.id}/guilds/${bot.guildIds[0]}/commands`;
    const { body } = await put([{ name: 'local', description: 'Here only' }], guildUrl);
    assert.equal(body[0].guild_id, bot.guildIds[0]);
    assert.ok(
      (await call(url, 'GET', { token: bot.token })).body.every(({ name }: { name: string }) => name !== 'local'),
    );
    const foreign = await put([], `${emulator.url}/v10/applications/${bot.id}/guilds/1/commands`);
    assert.deepEqual([foreign.status, foreign.body.code], [403, 50001]);
  });

  it('are refused when malformed, doubled or somebody else’s', async () => {
    const problem = async (body: unknown) => (await put(body)).body;
    assert.ok((await problem([{ name: 'Ping', description: 'x' }])).errors['0'].name);
    assert.ok((await problem([{ name: 'two words', description: 'x' }])).errors['0'].name);
    assert.ok((await problem([{ name: 'ping' }])).errors['0'].description);
    assert.ok((await problem([{ name: '', description: 'x' }])).errors['0'].name);
    assert.equal((await problem({ name: 'ping' })).code, 50035);
    const twins = await problem([1, 2].map(() => ({ name: 'twin', description: 'x' })));
    assert.equal(twins.errors['1'].name._errors[0].code, 'APPLICATION_COMMANDS_DUPLICATE_NAME');
    const other = emulator.createApplication();
    const foreign = await call(url, 'PUT', { token: other.token, body: [] });
    assert.deepEqual([foreign.status, foreign.body.code], [403, 20012]);
  });

  it('are made, read, changed and deleted one by one', async () => {
    const as = (body?: unknown) => ({ token: bot.token, ...(body === undefined ? {} : { body }) });
    const made = await call(url, 'POST', as({ name: 'one', description: 'First' }));
    assert.deepEqual([made.status, made.body.type, made.body.application_id], [201, 1, bot.id]);
    const again = await call(url, 'POST', as({ name: 'one', description: 'Second' }));
    assert.deepEqual([again.status, again.body.id, again.body.description], [200, made.body.id, 'Second']);
    assert.notEqual(again.body.version, made.body.version);
    const one = `${url}/${made.body.id}`;
    assert.equal((await call(one, 'GET', as())).body.description, 'Second');
    const changed = await call(one, 'PATCH', as({ name: 'uno', type: 2 }));
    assert.deepEqual([changed.body.name, changed.body.type, changed.body.description], ['uno', 1, 'Second']);
    await call(url, 'POST', as({ name: 'other', description: 'x' }));
    assert.equal((await call(one, 'PATCH', as({ name: 'other' }))).body.code, 50035);
    assert.equal(
      (await call(one, 'PATCH', as({ name: 'NO' }))).body.errors.name._errors[0].message,
      'Command name is invalid',
    );
    assert.equal((await call(one, 'DELETE', as())).status, 204);
    assert.deepEqual((await call(one, 'GET', as())).body, { message: 'Unknown application command', code: 10063 });
  });

  it('may be of context menus, with spaces and capitals and without description', async () => {
    const { body } = await put([
      { name: 'High Five', type: 2 },
      { name: 'Bookmark', type: 3 },
    ]);
    assert.deepEqual(
      body.map(({ type, description }: { type: number; description: string }) => [type, description]),
      [
        [2, ''],
        [3, ''],
      ],
    );
    assert.equal((await put([{ name: 'x', type: 2, description: 'none allowed' }])).body.code, 50035);
    assert.equal(
      (await put(Array.from({ length: 16 }, (_, index) => ({ name: `u${index}`, type: 2 })))).body.code,
      30032,
    );
  });

  const value = (more: object = {}) => ({ type: 3, name: 'a', description: 'a', ...more });
  const branch = (options: unknown, type = 1, name = 'sub') => ({ type, name, description: 'x', options });
  const wrong: Record<string, [options: unknown, place: string]> = {
    'without description': [[{ type: 3, name: 'a' }], 'options.0.description'],
    'of an unknown type': [[value({ type: 12 })], 'options.0.type'],
    'with a name twice': [[value(), value()], 'options'],
    'required after an optional one': [[value(), value({ name: 'b', required: true })], 'options'],
    'beyond 25': [Array.from({ length: 26 }, (_, index) => value({ name: `o${index}` })), 'options'],
    'with choices and autocomplete': [
      [value({ autocomplete: true, choices: [{ name: 'x', value: 'x' }] })],
      'options.0.autocomplete',
    ],
    'with choices of another type': [
      [value({ type: 4, choices: [{ name: 'x', value: 'x' }] })],
      'options.0.choices.0.value',
    ],
    'with 26 choices': [
      [value({ choices: Array.from({ length: 26 }, (_, index) => ({ name: `${index}`, value: `${index}` })) })],
      'options.0.choices',
    ],
    'with a choice of 101 characters': [
      [value({ choices: [{ name: 'x', value: 'x'.repeat(101) }] })],
      'options.0.choices.0.value',
    ],
    'for a text of 6001 characters': [[value({ max_length: 6_001 })], 'options.0.max_length'],
    'with a description of 101 characters': [[value({ description: 'x'.repeat(101) })], 'options.0.description'],
    'beside a subcommand': [[value(), branch([])], 'options'],
    'that are subcommands of a subcommand': [[branch([branch([])])], 'options.0.options.0.type'],
    'that are values of a group': [[branch([value()], 2)], 'options.0.options.0.type'],
  };
  for (const [name, [options, place]] of Object.entries(wrong))
    it(`are refused with options ${name}`, async () => {
      const { status, body } = await put([{ name: 'c', description: 'c', options }]);
      assert.deepEqual([status, body.code], [400, 50035]);
      const found = `0.${place}`.split('.').reduce((node, key) => node?.[key], body.errors);
      assert.equal(found?._errors.length, 1, JSON.stringify(body.errors));
    });

  it('take groups of subcommands, every kind of value, and give all back', async () => {
    const values = [3, 4, 5, 6, 7, 8, 9, 10, 11].map((type) => value({ type, name: `v${type}`, required: type < 6 }));
    const wanted = [
      { name: 'all', description: 'x', options: values, type: 1 },
      {
        name: 'tree',
        description: 'x',
        options: [branch([branch(values)], 2, 'group'), branch([], 1, 'leaf')],
        type: 1,
      },
    ];
    const { status, body } = await put(wanted);
    assert.equal(status, 200);
    assert.deepEqual(
      body.map(({ options }: { options: unknown }) => options),
      wanted.map(({ options }) => options),
    );
  });
});
