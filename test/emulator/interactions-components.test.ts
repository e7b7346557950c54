import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Application, Emulator, Interaction } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { call, channelOf } from './call.ts';
import { RawClient } from './raw-client.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('a component', () => {
  let emulator: Emulator;
  let clock: VirtualClock;
  let bot: Application;
  let client: RawClient;
  before(async () => {
    clock = new VirtualClock();
    const generous = { messageCalls: 1_000, routeCalls: 1_000, globalCalls: 1_000, webhookCalls: 1_000 };
    emulator = await createEmulator({ clock, heartbeatIntervalMs: 100_000_000, ...generous });
    bot = emulator.createApplication();
    client = new RawClient(emulator);
    await client.login(bot.token);
  });
  after(() => emulator.close());

  const place = () => ({ applicationId: bot.id, channelId: channelOf(bot) });
  const row = (...components: object[]) => ({ type: 1, components });
  const button = (id: string, more: object = {}) => ({ type: 2, style: 1, label: id, custom_id: id, ...more });
  const post = async (...components: object[]): Promise<string> => {
    const url = `${emulator.url}/v10/channels/${channelOf(bot)}/messages`;
    const { status, body } = await call(url, 'POST', { token: bot.token, body: { content: 'use me', components } });
    assert.equal(status, 200, JSON.stringify(body));
    return body.id;
  };
  const press = async (messageId: string, customId: string, values?: string[]) => {
    const interaction = emulator.press({ ...place(), author: 'ada', messageId, customId, values });
    return { interaction, d: (await client.event('INTERACTION_CREATE')).d };
  };
  const respond = ({ id, token }: { id: string; token: string }, body: unknown) =>
    call(`${emulator.url}/v10/interactions/${id}/${token}/callback?with_response=true`, 'POST', { body });
  const webhook = ({ token }: { token: string }, rest = '') => `${emulator.url}/v10/webhooks/${bot.id}/${token}${rest}`;
  const contentOf = (id: string) => emulator.messages(channelOf(bot)).find((message) => message.id === id)?.content;

  it('that is a button tells the bot which, on which message and by whom', async () => {
    const messageId = await post(row(button('yes')));
    const { d } = await press(messageId, 'yes');
    assert.deepEqual([d.type, d.data], [3, { id: 2, custom_id: 'yes', component_type: 2 }]);
    assert.deepEqual([d.message.id, d.message.content, d.member.user.username], [messageId, 'use me', 'ada']);
  });

  it('is answered by updating its message, at once or later', async () => {
    const messageId = await post(row(button('yes')));
    const { d, interaction } = await press(messageId, 'yes');
    const { body } = await respond(d, { type: 7, data: { content: 'pressed', components: [] } });
    assert.deepEqual([body.interaction.response_message_id, body.resource.type], [messageId, 7]);
    assert.deepEqual([body.resource.message.content, body.resource.message.components], ['pressed', []]);
    assert.deepEqual(await interaction.response, { kind: 'update', messageId, isDeferred: false });
    assert.equal((await client.event('MESSAGE_UPDATE')).d.content, 'pressed');

    const other = await post(row(button('later')));
    const later = await press(other, 'later');
    assert.equal((await respond(later.d, { type: 6 })).body.resource.message.content, 'use me');
    await call(webhook(later.d, '/messages/@original'), 'PATCH', { body: { content: 'updated' } });
    assert.equal(contentOf(other), 'updated');
    const followUp = await call(webhook(later.d), 'POST', { body: { content: 'and more' } });
    assert.notEqual(followUp.body.id, other);
  });

  it('is answered with a new message that refers to it', async () => {
    const messageId = await post(row(button('yes')));
    const { d } = await press(messageId, 'yes');
    const { message } = (await respond(d, { type: 4, data: { content: 'hello' } })).body.resource;
    assert.deepEqual([message.type, message.message_reference.message_id], [19, messageId]);
    assert.equal(message.interaction_metadata.interacted_message_id, messageId);
    assert.equal(message.interaction, undefined);
  });

  it('that is a menu sends the chosen values, and what they stand for', async () => {
    const options = ['a', 'b', 'c'].map((value) => ({ label: value, value }));
    const messageId = await post(
      row({ type: 3, custom_id: 'text', options, min_values: 0, max_values: 2 }),
      row({ type: 5, custom_id: 'user' }),
      row({ type: 6, custom_id: 'role' }),
      row({ type: 7, custom_id: 'any' }),
      row({ type: 8, custom_id: 'channel', channel_types: [0] }),
    );
    const { d } = await press(messageId, 'text', ['a', 'c']);
    assert.deepEqual([d.data.component_type, d.data.values, d.data.resolved], [3, ['a', 'c'], undefined]);
    assert.deepEqual((await press(messageId, 'text', [])).d.data.values, []);
    const role = emulator.world.createRole(emulator.world.guild(bot.guildIds[0] ?? ''));
    for (const [customId, id, kind] of [
      ['user', bot.id, 'users'],
      ['role', role.id, 'roles'],
      ['any', role.id, 'roles'],
      ['channel', channelOf(bot), 'channels'],
    ] as const) {
      const { data } = (await press(messageId, customId, [id])).d;
      assert.deepEqual([data.values, Object.keys(data.resolved[kind])], [[id], [id]]);
    }
    const attempt =
      (customId: string, ...values: string[]) =>
      () =>
        emulator.press({ ...place(), messageId, customId, values });
    assert.throws(attempt('text', 'a', 'b', 'c'), /the menu text takes 0 to 2 values, not 3/);
    assert.throws(attempt('text', 'd'), /the menu text does not offer d/);
    assert.throws(attempt('user'), /takes 1 to 1 values, not 0/);
    assert.throws(attempt('role', bot.id), /does not offer/);
  });

  it('is not used when it is unknown, disabled, another bot’s, or hidden from the person', async () => {
    const messageId = await post(row(button('off', { disabled: true }), button('on')));
    const attempt = (more: object) => () => emulator.press({ ...place(), messageId, customId: 'on', ...more });
    assert.throws(attempt({ customId: 'no' }), /has no component no/);
    assert.throws(attempt({ customId: 'off' }), /the component off is disabled/);
    assert.throws(attempt({ messageId: '1' }), /sees no message 1/);
    const other = emulator.createApplication({ guilds: 0 });
    assert.throws(attempt({ applicationId: other.id }), /is not in channel/);
    emulator.world.addMember(emulator.world.guild(bot.guildIds[0] ?? ''), other.bot);
    assert.throws(attempt({ applicationId: other.id }), /is not by/);
    const { d } = await press(messageId, 'on');
    const hidden = { content: 'psst', flags: 64, components: [row(button('secret'))] };
    const { message } = (await respond(d, { type: 4, data: hidden })).body.resource;
    assert.throws(attempt({ messageId: message.id, customId: 'secret', author: 'bob' }), /bob sees no message/);
    attempt({ messageId: message.id, customId: 'secret', author: 'ada' })();
    assert.equal((await client.event('INTERACTION_CREATE')).d.data.custom_id, 'secret');
  });

  it('of a message that is gone by now, or in a channel that is, cannot be answered there', async () => {
    const messageId = await post(row(button('yes')));
    const { d } = await press(messageId, 'yes');
    const url = `${emulator.url}/v10/channels/${channelOf(bot)}/messages/${messageId}`;
    assert.equal((await call(url, 'DELETE', { token: bot.token })).status, 204);
    assert.equal((await respond(d, { type: 7, data: { content: 'late' } })).body.code, 10008);

    const guild = emulator.world.guild(bot.guildIds[0] ?? '');
    const parent = emulator.world.createChannel(guild, { name: 'brief' });
    const thread = emulator.world.createThread(parent, { name: 'aside', owner: bot.bot });
    const command = { name: 'ping', description: 'x' };
    await call(`${emulator.url}/v10/applications/${bot.id}/commands`, 'POST', { token: bot.token, body: command });
    emulator.interact({ applicationId: bot.id, channelId: thread.id, command: 'ping' });
    const used = (await client.event('INTERACTION_CREATE')).d;
    emulator.world.deleteChannel(parent);
    for (const body of [{ type: 4, data: { content: 'x' } }, { type: 5 }])
      assert.equal((await respond(used, body)).body.code, 10003);
  });

  it('that nobody answers is given up on after three seconds', async () => {
    const { interaction, d } = await press(await post(row(button('yes'))), 'yes');
    clock.advance(3_001);
    assert.deepEqual(await interaction.response, { kind: 'none' });
    assert.equal((await respond(d, { type: 6 })).body.code, 10062);
  });

  describe('that opens a modal', () => {
    const label = (component: object) => ({ type: 18, label: 'x', component });
    const input = (id: string, more: object = {}) => ({ type: 4, custom_id: id, style: 1, ...more });
    const opened = async (...components: object[]): Promise<Interaction> => {
      const { d, interaction } = await press(await post(row(button('form'))), 'form');
      const { status, body } = await respond(d, { type: 9, data: { custom_id: 'm', title: 'Form', components } });
      assert.equal(status, 200, JSON.stringify(body));
      return interaction;
    };
    const fill = async ({ id }: Interaction, values: Parameters<Emulator['submitModal']>[0]['values']) => {
      await emulator.submitModal({ interactionId: id, values });
      return (await client.event('INTERACTION_CREATE')).d;
    };

    it('shows it to the person and sends back what is filled in, and where it came from', async () => {
      const choices = [{ label: 'a', value: 'a' }];
      const interaction = await opened(
        row(input('old')),
        label(input('new', { required: false })),
        label({ type: 3, custom_id: 'choice', options: choices }),
        label({ type: 5, custom_id: 'user', required: false }),
        { type: 10, content: 'words' },
      );
      const response = await interaction.response;
      assert.equal(response.kind === 'modal' && response.modal.title, 'Form');
      const d = await fill(interaction, { old: 'text', choice: ['a'], user: [bot.id] });
      assert.deepEqual([d.type, d.data.custom_id, d.member.user.username], [5, 'm', 'ada']);
      assert.equal(d.message.id, interaction.message?.id);
      assert.deepEqual(Object.keys(d.data.resolved.users), [bot.id]);
      assert.deepEqual(d.data.components, [
        { type: 1, id: 1, components: [{ type: 4, id: 2, custom_id: 'old', value: 'text' }] },
        { type: 18, id: 3, component: { type: 4, id: 4, custom_id: 'new', value: '' } },
        { type: 18, id: 5, component: { type: 3, id: 6, custom_id: 'choice', values: ['a'] } },
        { type: 18, id: 7, component: { type: 5, id: 8, custom_id: 'user', values: [bot.id] } },
        { type: 10, id: 9 },
      ]);
      assert.equal((await respond(d, { type: 9, data: {} })).body.errors.type._errors[0].code, 'BASE_TYPE_CHOICES');
      const updated = await respond(d, { type: 7, data: { content: 'thanks' } });
      assert.equal(updated.body.resource.message.id, interaction.message?.id);
    });

    it('takes ticks, one of several and some of several', async () => {
      const options = ['a', 'b'].map((value) => ({ label: value, value }));
      const interaction = await opened(
        label({ type: 23, custom_id: 'tick' }),
        label({ type: 21, custom_id: 'one', options }),
        label({ type: 22, custom_id: 'some', options, max_values: 2 }),
        label({ type: 21, custom_id: 'none', options, required: false }),
        label({ type: 19, custom_id: 'file', required: false }),
      );
      const { data } = await fill(interaction, { tick: true, one: 'b', some: ['a', 'b'] });
      assert.deepEqual(
        data.components.map(
          ({ component: { value, values } }: { component: { value: unknown; values: unknown } }) => value ?? values,
        ),
        [true, 'b', ['a', 'b'], undefined, []],
      );
    });

    it('refuses values that do not fit their field', async () => {
      const interaction = await opened(
        label(input('short', { max_length: 3, value: 'pre' })),
        label(input('long', { min_length: 5, required: false })),
        label({ type: 23, custom_id: 'tick' }),
        label({ type: 3, custom_id: 'choice', options: [{ label: 'a', value: 'a' }] }),
      );
      const attempt = (values: Parameters<Emulator['submitModal']>[0]['values']) =>
        emulator.submitModal({ interactionId: interaction.id, values: { choice: ['a'], ...values } });
      await assert.rejects(attempt({ short: 'four' }), /the field short takes 1 to 3 characters/);
      await assert.rejects(attempt({ short: '' }), /the field short takes 1 to 3 characters/);
      await assert.rejects(attempt({ long: 'four' }), /the field long takes 5 to 4000 characters/);
      await assert.rejects(attempt({ short: true }), /the field short takes a text/);
      await assert.rejects(attempt({ tick: 'yes' }), /the field tick takes true or false/);
      await assert.rejects(attempt({ choice: 'a' }), /the field choice takes a list of values/);
      await assert.rejects(attempt({ choice: [] }), /the menu choice takes 1 to 1 values/);
      await assert.rejects(attempt({ other: 'x' }), /the modal m has no field other/);
      const { data } = await fill(interaction, { choice: ['a'] });
      assert.equal(data.components[0].component.value, 'pre');
    });

    it('is filled in only where one was shown', async () => {
      const { interaction, d } = await press(await post(row(button('yes'))), 'yes');
      const attempt = (interactionId: string) => emulator.submitModal({ interactionId, values: {} });
      await assert.rejects(attempt(interaction.id), /was not answered with a modal, or long ago/);
      await respond(d, { type: 6 });
      await assert.rejects(attempt(interaction.id), /was not answered with a modal/);
      await assert.rejects(attempt('1'), /was not answered with a modal/);
    });

    it('is refused when malformed', async () => {
      const { d } = await press(await post(row(button('form'))), 'form');
      const problem = async (data: object) =>
        (await respond(d, { type: 9, data: { custom_id: 'm', title: 'x', ...data } })).body.errors;
      assert.ok((await problem({ components: [] })).components);
      assert.ok((await problem({ components: [row(button('b'))] })).components['0'].components['0'].type);
      assert.ok((await problem({ components: [label(input('a')), label(input('a'))] })).components);
      assert.ok((await problem({ components: [label(input('a'))], title: 'x'.repeat(46) })).title);
    });
  });
});
