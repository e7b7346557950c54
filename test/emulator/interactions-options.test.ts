import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Application, CommandUse, Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { call, channelOf } from './call.ts';
import { RawClient } from './raw-client.ts';
import { VirtualClock } from './virtual-clock.ts';

const text = (name: string, more: object = {}) => ({ type: 3, name, description: name, ...more });

describe('a command', () => {
  let emulator: Emulator;
  let clock: VirtualClock;
  let bot: Application;
  let client: RawClient;
  const place = () => ({ applicationId: bot.id, channelId: channelOf(bot) });
  const register = async (...commands: object[]) => {
    const url = `${emulator.url}/v10/applications/${bot.id}/commands`;
    const { status, body } = await call(url, 'PUT', { token: bot.token, body: commands });
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const slash = (options: unknown[], name = 'go') => ({ name, description: 'x', options });
  const use = async (more: Partial<CommandUse> & { command: string }) => {
    emulator.interact({ ...place(), ...more });
    return (await client.event('INTERACTION_CREATE')).d;
  };
  before(async () => {
    clock = new VirtualClock();
    emulator = await createEmulator({ clock, heartbeatIntervalMs: 100_000_000, routeCalls: 1_000, globalCalls: 1_000 });
    bot = emulator.createApplication();
    client = new RawClient(emulator);
    await client.login(bot.token);
  });
  after(() => emulator.close());

  it('with subcommands and groups is used by its full name, and carries the way there', async () => {
    const branch = (type: number, name: string, options: unknown[]) => ({ type, name, description: 'x', options });
    await register(
      slash([branch(1, 'show', []), branch(2, 'set', [branch(1, 'colour', [text('value', { required: true })])])]),
    );
    assert.deepEqual((await use({ command: 'go show' })).data.options, [{ type: 1, name: 'show', options: [] }]);
    const { id, token, data } = await use({ command: 'go set colour', options: { value: 'red' } });
    assert.deepEqual(data.options, [
      {
        type: 2,
        name: 'set',
        options: [{ type: 1, name: 'colour', options: [{ name: 'value', type: 3, value: 'red' }] }],
      },
    ]);
    await call(`${emulator.url}/v10/interactions/${id}/${token}/callback`, 'POST', {
      body: { type: 4, data: { content: 'ok' } },
    });
    const { d } = await client.event('MESSAGE_CREATE');
    assert.equal(d.interaction.name, 'go set colour');
    const attempt =
      (command: string, options = {}) =>
      () =>
        emulator.interact({ ...place(), command, options });
    assert.throws(attempt('go'), /\/go needs a subcommand: show, set/);
    assert.throws(attempt('go set'), /\/go set needs a subcommand: colour/);
    assert.throws(attempt('go hide'), /\/go has no subcommand hide/);
    assert.throws(attempt('go set colour'), /\/go set colour needs the option value/);
    assert.throws(attempt('go show', { value: 'x' }), /\/go show has no option value/);
  });

  it('resolves users, members, roles, channels and files', async () => {
    const types = { who: 6, where: 7, role: 8, any: 9, also: 9, file: 11 };
    await register(slash(Object.entries(types).map(([name, type]) => ({ type, name, description: 'x' }))));
    const guild = emulator.world.guild(bot.guildIds[0] ?? '');
    const role = emulator.world.createRole(guild, { name: 'crew' });
    const ada = emulator.say({ channelId: channelOf(bot), author: 'ada', content: 'hi' }).author;
    const stranger = emulator.world.person('stranger');
    const bytes = new TextEncoder().encode('text of the file');
    const options = {
      who: ada.id,
      where: channelOf(bot),
      role: role.id,
      any: role.id,
      also: stranger.id,
      file: { name: 'a.txt', contentType: 'text/plain', bytes },
    };
    const { data } = await use({ command: 'go', options });
    const { users, members, roles, channels, attachments } = data.resolved;
    assert.deepEqual(Object.keys(users).sort(), [ada.id, stranger.id].sort());
    assert.deepEqual([Object.keys(members), members[ada.id].user], [[ada.id], undefined]);
    assert.match(members[ada.id].permissions, /^\d+$/);
    assert.deepEqual([roles[role.id].name, channels[channelOf(bot)].name], ['crew', 'general']);
    const fileId = data.options.at(-1).value;
    assert.equal(await (await fetch(attachments[fileId].url)).text(), 'text of the file');
  });

  const refusals: Record<string, [option: object, value: unknown, why: RegExp]> = {
    'a number for a text': [{ type: 3 }, 1, /takes a text/],
    'a text that is too long': [{ type: 3, max_length: 2 }, 'abc', /takes 0 to 2 characters/],
    'a text that is too short': [{ type: 3, min_length: 2 }, 'a', /takes 2 to 6000 characters/],
    'half a number for a whole one': [{ type: 4 }, 1.5, /takes a whole number/],
    'a text for a number': [{ type: 10 }, '1', /takes a number/],
    'a number that is too large': [{ type: 10, max_value: 2 }, 2.5, /takes a number from -∞ to 2/],
    'a number that is too small': [{ type: 4, min_value: 0 }, -1, /takes a number from 0 to ∞/],
    'a text for a choice of two': [{ type: 5 }, 'yes', /takes true or false/],
    'what is none of the choices': [{ type: 3, choices: [{ name: 'A', value: 'a' }] }, 'b', /takes one of a/],
    'an unknown user': [{ type: 6 }, '1', /takes the id of a known user/],
    'an unknown role': [{ type: 8 }, '1', /takes the id of a known role/],
    'a channel of another type': [{ type: 7, channel_types: [2] }, 'general', /takes the id of a known channel/],
    'an id for a file': [{ type: 11 }, '1', /takes a file/],
    'a file for a text': [{ type: 3 }, { name: 'a', contentType: 'a/b', bytes: new Uint8Array() }, /takes no file/],
  };
  for (const [name, [option, value, why]] of Object.entries(refusals))
    it(`refuses ${name}`, async () => {
      await register(slash([{ name: 'it', description: 'x', ...option }]));
      const given = value === 'general' ? channelOf(bot) : value;
      const attempt = () => emulator.interact({ ...place(), command: 'go', options: { it: given as string } });
      assert.throws(attempt, why);
    });

  it('of a context menu is used on a user or a message', async () => {
    await register({ name: 'Wave at', type: 2 }, { name: 'Keep', type: 3 });
    const { id, author } = emulator.say({ channelId: channelOf(bot), author: 'eve', content: 'keep me' });
    const onUser = (await use({ command: 'Wave at', targetId: author.id })).data;
    assert.deepEqual([onUser.type, onUser.target_id, onUser.resolved.users[author.id].username], [2, author.id, 'eve']);
    const onMessage = (await use({ command: 'Keep', targetId: id })).data;
    assert.deepEqual([onMessage.type, onMessage.resolved.messages[id].content], [3, 'keep me']);
    assert.throws(() => emulator.interact({ ...place(), command: 'Keep' }), /needs targetId, the id of a message here/);
    assert.throws(() => emulator.interact({ ...place(), command: 'Wave at', targetId: '1' }), /the id of a user/);
  });

  it('of a guild comes before one for all, and some are not for direct messages', async () => {
    await register({ name: 'go', description: 'for all' }, { name: 'inside', description: 'x', contexts: [0] });
    const url = `${emulator.url}/v10/applications/${bot.id}/guilds/${bot.guildIds[0]}/commands`;
    const { body } = await call(url, 'PUT', { token: bot.token, body: [{ name: 'go', description: 'here' }] });
    const { data } = await use({ command: 'go' });
    assert.deepEqual([data.id, data.guild_id], [body[0].id, bot.guildIds[0]]);
    const { channelId } = emulator.directMessage({ applicationId: bot.id, content: 'x' });
    assert.equal((await use({ channelId, command: 'go' })).data.guild_id, undefined);
    const attempt = () => emulator.interact({ applicationId: bot.id, channelId, command: 'inside' });
    assert.throws(attempt, /has not registered a command \/inside for direct messages/);
    await call(url, 'PUT', { token: bot.token, body: [] });
  });

  describe('that completes itself', () => {
    const completing = () =>
      register(slash([text('near', { autocomplete: true }), text('far'), { type: 4, name: 'n', description: 'n' }]));
    const answer = async (body: unknown) => {
      const { d } = await client.event('INTERACTION_CREATE');
      const url = `${emulator.url}/v10/interactions/${d.id}/${d.token}/callback`;
      return { d, result: await call(url, 'POST', { body }) };
    };

    it('asks the bot, with what stands there so far, and gives its choices', async () => {
      await completing();
      const asked = emulator.autocomplete({ ...place(), command: 'go', focused: 'near', options: { near: 'a', n: 1 } });
      const choices = [{ name: 'Apple', value: 'apple' }];
      const { d, result } = await answer({ type: 8, data: { choices } });
      assert.equal(d.type, 4);
      assert.deepEqual(d.data.options, [
        { name: 'near', type: 3, value: 'a', focused: true },
        { name: 'n', type: 4, value: 1 },
      ]);
      assert.deepEqual([result.status, await asked], [204, choices]);
    });

    it('is answered with choices only, at most 25, within three seconds', async () => {
      await completing();
      const asked = emulator.autocomplete({ ...place(), command: 'go', focused: 'near' });
      const { d, result } = await answer({ type: 4, data: { content: 'x' } });
      assert.equal(result.body.errors.type._errors[0].message, 'Value must be one of {8}.');
      const url = `${emulator.url}/v10/interactions/${d.id}/${d.token}/callback`;
      const choices = Array.from({ length: 26 }, (_, index) => ({ name: `${index}`, value: `${index}` }));
      assert.equal((await call(url, 'POST', { body: { type: 8, data: { choices } } })).body.code, 50035);
      clock.advance(3_001);
      await assert.rejects(asked, /the bot offered nothing for the option near of \/go in time/);
    });

    it('does so only for the options that say so', async () => {
      await completing();
      const attempt = (focused: string, options = {}) =>
        emulator.autocomplete({ ...place(), command: 'go', focused, options });
      await assert.rejects(attempt('far'), /\/go completes no option far/);
      await assert.rejects(attempt('near', { other: 1 }), /\/go has no option other/);
    });
  });
});
