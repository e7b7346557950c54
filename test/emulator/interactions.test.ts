import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Application, Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { call, channelOf } from './call.ts';
import { RawClient } from './raw-client.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('an interaction', () => {
  let emulator: Emulator;
  let clock: VirtualClock;
  let bot: Application;
  let client: RawClient;
  before(async () => {
    clock = new VirtualClock();
    emulator = await createEmulator({ clock, heartbeatIntervalMs: 100_000_000 });
    bot = emulator.createApplication();
    const commands = [
      { name: 'ping', description: 'Answers' },
      {
        name: 'add',
        description: 'Adds',
        options: [
          { type: 4, name: 'a', description: 'a', required: true },
          { type: 4, name: 'b', description: 'b' },
        ],
      },
    ];
    await call(`${emulator.url}/v10/applications/${bot.id}/commands`, 'PUT', { token: bot.token, body: commands });
    client = new RawClient(emulator);
    await client.login(bot.token);
  });
  after(() => emulator.close());

  const use = async (command = 'ping', options: Record<string, number> = {}) => {
    emulator.interact({ applicationId: bot.id, channelId: channelOf(bot), command, author: 'ada', options });
    return (await client.event('INTERACTION_CREATE')).d;
  };
  const respond = ({ id, token }: { id: string; token: string }, body: unknown, query = '') =>
    call(`${emulator.url}/v10/interactions/${id}/${token}/callback${query}`, 'POST', { body });
  const webhook = ({ token }: { token: string }, rest = '') => `${emulator.url}/v10/webhooks/${bot.id}/${token}${rest}`;
  const texts = () => emulator.messages(channelOf(bot)).map(({ content }) => content);

  it('carries the command, its options, the person and the place', async () => {
    const interaction = await use('add', { a: 1, b: 2 });
    assert.equal(interaction.type, 2);
    assert.equal(interaction.application_id, bot.id);
    assert.equal(interaction.data.name, 'add');
    assert.deepEqual(interaction.data.options, [
      { name: 'a', type: 4, value: 1 },
      { name: 'b', type: 4, value: 2 },
    ]);
    assert.equal(interaction.member.user.username, 'ada');
    assert.deepEqual([interaction.guild_id, interaction.channel_id], [bot.guildIds[0], channelOf(bot)]);
    assert.equal(emulator.ledger.entries({ type: 'interaction' }).at(-1)?.interactionId, interaction.id);
  });

  it('in direct messages names the user instead of a member', async () => {
    const { channelId } = emulator.directMessage({ applicationId: bot.id, content: 'hi' });
    emulator.interact({ applicationId: bot.id, channelId, command: 'ping' });
    const { d } = await client.event('INTERACTION_CREATE');
    assert.deepEqual([d.user.username, d.member, d.guild_id], ['you', undefined, undefined]);
  });

  it('is answered with a message, without authentication', async () => {
    const interaction = await use();
    const { status, body } = await respond(interaction, { type: 4, data: { content: 'pong' } });
    assert.deepEqual([status, body], [204, null]);
    const { d: message } = await client.event('MESSAGE_CREATE');
    assert.deepEqual([message.content, message.type, message.webhook_id], ['pong', 20, bot.id]);
    assert.equal(message.interaction_metadata.id, interaction.id);
  });

  it('returns the message when asked to', async () => {
    const { status, body } = await respond(await use(), { type: 4, data: { content: 'here' } }, '?with_response=true');
    assert.equal(status, 200);
    assert.equal(body.resource.message.content, 'here');
    assert.equal(body.interaction.response_message_id, body.resource.message.id);
  });

  it('is dead three seconds later: 10062, and its token too', async () => {
    const interaction = await use();
    clock.advance(3_001);
    const { status, body } = await respond(interaction, { type: 4, data: { content: 'late' } });
    assert.deepEqual([status, body], [404, { message: 'Unknown interaction', code: 10062 }]);
    assert.equal((await call(webhook(interaction), 'POST', { body: { content: 'late' } })).body.code, 10015);
    assert.ok(!texts().includes('late'));
  });

  it('is alive after exactly three seconds', async () => {
    const interaction = await use();
    clock.advance(3_000);
    assert.equal((await respond(interaction, { type: 4, data: { content: 'in time' } })).status, 204);
  });

  it('is unknown with another id or token', async () => {
    const { id, token } = await use();
    assert.equal((await respond({ id: '1', token }, { type: 5 })).body.code, 10062);
    assert.equal((await respond({ id, token: 'x' }, { type: 5 })).body.code, 10062);
  });

  it('is acknowledged once', async () => {
    const interaction = await use();
    await respond(interaction, { type: 5 });
    const { status, body } = await respond(interaction, { type: 4, data: { content: 'again' } });
    assert.deepEqual([status, body.code], [400, 40060]);
  });

  it('may be deferred and filled in for fifteen minutes', async () => {
    const interaction = await use();
    await respond(interaction, { type: 5 });
    assert.equal((await client.next(({ t, d }) => t === 'MESSAGE_CREATE' && d.flags === 128)).d.content, '');
    clock.advance(600_000);
    const edited = await call(webhook(interaction, '/messages/@original'), 'PATCH', { body: { content: 'done' } });
    assert.deepEqual([edited.body.content, edited.body.flags], ['done', 0]);
    assert.equal((await client.event('MESSAGE_UPDATE')).d.content, 'done');
    const followUp = await call(webhook(interaction), 'POST', { body: { content: 'and more' } });
    assert.equal(followUp.body.message_reference.message_id, edited.body.id);
    assert.equal((await call(webhook(interaction, `/messages/${followUp.body.id}`))).body.content, 'and more');
    clock.advance(301_000);
    const late = await call(webhook(interaction, '/messages/@original'), 'PATCH', { body: { content: 'x' } });
    assert.deepEqual([late.status, late.body.code], [401, 50027]);
  });

  it('takes the first follow-up of a deferred response as its answer', async () => {
    const interaction = await use();
    await respond(interaction, { type: 5 });
    const first = await call(webhook(interaction), 'POST', { body: { content: 'the answer' } });
    const original = await call(webhook(interaction, '/messages/@original'));
    assert.equal(first.body.id, original.body.id);
    const second = await call(webhook(interaction), 'POST', { body: { content: 'a follow-up' } });
    assert.notEqual(second.body.id, original.body.id);
  });

  it('shows ephemeral answers to the person, and over the gateway to nobody but the bot itself', async () => {
    const other = emulator.createApplication({ guilds: 0 });
    emulator.world.addMember(emulator.world.guild(bot.guildIds[0] ?? ''), other.bot);
    const outsider = new RawClient(emulator);
    await outsider.login(other.token);
    await respond(await use(), { type: 4, data: { content: 'secret', flags: 64 } });
    const { d } = await client.next(({ t, d: { content } }) => t === 'MESSAGE_CREATE' && content === 'secret');
    assert.deepEqual([d.flags, d.guild_id], [64, undefined]);
    outsider.send(1, null);
    await outsider.op(11);
    assert.equal(outsider.events('MESSAGE_CREATE').length, 0);
    assert.ok(texts().includes('secret'));
    const { body } = await call(`${emulator.url}/v10/channels/${channelOf(bot)}/messages`, 'GET', { token: bot.token });
    assert.ok(!body.some(({ content }: { content: string }) => content === 'secret'));
  });

  it('has its answer deleted, and does not reach other messages', async () => {
    const interaction = await use();
    await respond(interaction, { type: 4, data: { content: 'short-lived' } });
    const foreign = emulator.say({ channelId: channelOf(bot), content: 'not yours' });
    assert.equal((await call(webhook(interaction, `/messages/${foreign.id}`), 'DELETE')).body.code, 10008);
    assert.equal((await call(webhook(interaction, '/messages/@original'), 'DELETE')).status, 204);
    assert.equal((await call(webhook(interaction, '/messages/@original'))).body.code, 10008);
    assert.ok(!texts().includes('short-lived'));
  });

  it('has no follow-up before its first response', async () => {
    assert.equal((await call(webhook(await use()), 'POST', { body: { content: 'early' } })).body.code, 10015);
  });

  it('is not answered with what does not fit, nor with nothing', async () => {
    const interaction = await use();
    for (const type of [1, 6, 7, 8, 10, 12])
      assert.equal((await respond(interaction, { type })).body.errors.type._errors[0].code, 'BASE_TYPE_CHOICES');
    assert.equal((await respond(interaction, { type: 9 })).body.code, 50035);
    assert.equal((await respond(interaction, { type: 4 })).body.code, 50006);
    assert.equal((await respond(interaction, { type: 4, data: { content: 'fine after all' } })).status, 204);
  });

  it('needs a registered command with its options', () => {
    const attempt =
      (command: string, options = {}) =>
      () =>
        emulator.interact({ applicationId: bot.id, channelId: channelOf(bot), command, options });
    assert.throws(attempt('nothing'), /has not registered a command \/nothing/);
    assert.throws(attempt('add'), /needs the option a/);
    assert.throws(attempt('add', { a: 1, c: 1 }), /has no option c/);
    const other = emulator.createApplication();
    assert.throws(
      () => emulator.interact({ applicationId: bot.id, channelId: channelOf(other), command: 'ping' }),
      /is not in channel/,
    );
  });
});
