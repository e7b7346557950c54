import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Application, Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { call } from './call.ts';

const unlimited = {
  messageCalls: 1_000_000,
  reactionCalls: 1_000_000,
  webhookCalls: 1_000_000,
  routeCalls: 1_000_000,
  globalCalls: 1_000_000,
  channelRenames: 1_000_000,
  invalidRequests: 1_000_000,
};
const routes = [
  'users/@me',
  'users/@me/guilds',
  'users/@me/guilds/{guild}',
  'users/@me/channels',
  'users/{user}',
  'applications/{bot}/commands',
  'applications/{bot}/commands/{command}',
  'applications/{bot}/guilds/{guild}/commands',
  'guilds/{guild}',
  'guilds/{guild}/channels',
  'guilds/{guild}/members',
  'guilds/{guild}/members/@me',
  'guilds/{guild}/members/{user}',
  'guilds/{guild}/members/{user}/roles/{role}',
  'guilds/{guild}/roles',
  'guilds/{guild}/roles/{role}',
  'guilds/{guild}/threads/active',
  'guilds/{guild}/voice-states/{user}',
  'channels/{channel}',
  'channels/{channel}/permissions/{role}',
  'channels/{channel}/messages',
  'channels/{channel}/messages/bulk-delete',
  'channels/{channel}/messages/pins',
  'channels/{channel}/messages/pins/{message}',
  'channels/{channel}/messages/{message}',
  'channels/{channel}/messages/{message}/reactions',
  'channels/{channel}/messages/{message}/reactions/{text}',
  'channels/{channel}/messages/{message}/reactions/{text}/@me',
  'channels/{channel}/messages/{message}/threads',
  'channels/{channel}/pins',
  'channels/{channel}/threads',
  'channels/{channel}/thread-members/{user}',
  'channels/{channel}/threads/archived/public',
  'channels/{channel}/typing',
  'interactions/{interaction}/{token}/callback',
  'webhooks/{bot}/{token}',
  'webhooks/{bot}/{token}/messages/@original',
  'gateway/bot',
  '{text}/{text}',
];

describe('garbage over HTTP', () => {
  let emulator: Emulator;
  let bot: Application;
  let other: Application;
  before(async () => {
    emulator = await createEmulator(unlimited);
    bot = emulator.createApplication({ privilegedIntents: 2 });
    other = emulator.createApplication();
    const commands = [{ name: 'ping', description: 'x' }];
    await call(`${emulator.url}/v10/applications/${bot.id}/commands`, 'PUT', { token: bot.token, body: commands });
  });
  after(() => emulator.close());

  /** Things that exist now, so that most calls get further than the first check. */
  const things = (): Record<string, string> => {
    const guildId =
      bot.guildIds[0] ?? emulator.world.createGuild({ name: 'new', owner: bot.owner, members: [bot.bot] }).id;
    const guild = emulator.world.guild(guildId);
    const channelId = bot.channelIds[0] ?? emulator.world.createChannel(guild, { name: 'new' }).id;
    const { id: message, author } = emulator.say({ channelId, content: 'x' });
    const commandName = bot.commands.find(({ type, options }) => type === 1 && !options?.length)?.name;
    const interaction = commandName
      ? emulator.interact({ applicationId: bot.id, channelId, command: commandName })
      : { id: '1', token: 'x' };
    return {
      bot: bot.id,
      guild: guildId,
      channel: channelId,
      message,
      user: author.id,
      role: [...guild.roles.keys()].at(-1) ?? '',
      command: bot.commands[0]?.id ?? '1',
      interaction: interaction.id,
      token: interaction.token,
    };
  };

  const id = fc.constantFrom(
    '{guild}',
    '{channel}',
    '{message}',
    '{user}',
    '{role}',
    '{bot}',
    '1',
    '99999999999999999999',
    '-1',
  );
  const value = fc.oneof(
    { weight: 3, arbitrary: fc.oneof(id, fc.boolean(), fc.constant(null), fc.integer({ min: -2, max: 100_000 })) },
    { weight: 2, arbitrary: fc.string({ maxLength: 40 }) },
    fc.jsonValue(),
    fc.constant('__proto__'),
  );
  const keys = [
    'content',
    'embeds',
    'components',
    'attachments',
    'flags',
    'allowed_mentions',
    'message_reference',
    'message_id',
    'nonce',
    'name',
    'description',
    'type',
    'options',
    'choices',
    'value',
    'required',
    'autocomplete',
    'custom_id',
    'style',
    'title',
    'label',
    'component',
    'accessory',
    'topic',
    'position',
    'parent_id',
    'permission_overwrites',
    'allow',
    'deny',
    'id',
    'permissions',
    'color',
    'nick',
    'roles',
    'mute',
    'channel_id',
    'communication_disabled_until',
    'messages',
    'recipient_id',
    'username',
    'data',
    'fields',
    'footer',
    'archived',
    'auto_archive_duration',
    '__proto__',
    'constructor',
  ];
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      value,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc
        .array(fc.tuple(fc.constantFrom(...keys), tie('tree')), { maxLength: 8 })
        .map((entries) => Object.fromEntries(entries)),
    ),
  }));
  const body = fc.oneof(
    { weight: 6, arbitrary: tree.map((one) => JSON.stringify(one)) },
    fc.string(),
    fc.constant('{"a":'.repeat(200)),
  );
  const contentType = fc.constantFrom(
    'application/json',
    'application/json',
    'application/json; charset=utf-8',
    'multipart/form-data; boundary=b',
    'multipart/form-data',
    'text/plain',
    'x',
  );
  const filled = (text: string, known: Record<string, string>) =>
    text.replaceAll(/\{(\w+)\}/g, (all, name) => known[name] ?? all);

  it('is never answered with 5xx, and the emulator goes on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'),
        fc.constantFrom(...routes),
        fc.string({ maxLength: 10 }),
        fc.webQueryParameters(),
        contentType,
        body,
        fc.constantFrom('bot', 'bot', 'bot', 'bot', 'other', 'none'),
        async (method, route, text, query, type, sent, who) => {
          const known = { ...things(), text: encodeURIComponent(text) };
          const isRead = method === 'GET' || method === 'HEAD';
          const token = who === 'bot' ? bot.token : other.token;
          const payload = filled(sent, known);
          const form = `--b\r\ncontent-disposition: form-data; name="payload_json"\r\n\r\n${payload}\r\n--b--\r\n`;
          const response = await fetch(`${emulator.url}/v10/${filled(route, known)}?${query}`, {
            method,
            headers: { 'content-type': type, ...(who === 'none' ? {} : { authorization: `Bot ${token}` }) },
            ...(isRead ? {} : { body: type.startsWith('multipart') ? form : payload }),
          });
          await response.arrayBuffer();
          assert.ok(response.status < 500, `${method} ${route} ${type} ${payload}: ${response.status}`);
        },
      ),
      { numRuns: 500 },
    );
    assert.equal(({} as Record<string, unknown>)['_errors'], undefined, 'nothing was put on every object');
    assert.equal((await call(`${emulator.url}/v10/users/@me`, 'GET', { token: bot.token })).status, 200);
  });
});
