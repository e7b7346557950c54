import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Application, Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { adminUrl, call, channelOf } from './call.ts';
import { RawClient } from './raw-client.ts';

describe('the admin interface', () => {
  let emulator: Emulator;
  let bot: Application;
  before(async () => {
    emulator = await createEmulator({ identifyWindowMs: 1 });
    bot = emulator.createApplication({ name: 'helper' });
  });
  after(() => emulator.close());
  const get = async (path: string) => (await call(`${adminUrl(emulator)}/${path}`)).body;
  const post = (path: string, body: unknown) => call(`${adminUrl(emulator)}/${path}`, 'POST', { body });

  it('creates and lists applications with tokens that work', async () => {
    const { body } = await post('applications', { name: 'by hand', guilds: 2 });
    assert.equal(body.guildIds.length, 2);
    const client = new RawClient(emulator);
    await client.login(body.token);
    const listed = (await get('applications')).find(({ id }: { id: string }) => id === body.id);
    assert.deepEqual([listed.name, listed.online], ['by hand', true]);
  });

  it('lists channels of guilds and direct messages', async () => {
    const { body: message } = await post('direct-messages', { applicationId: bot.id, author: 'ada', content: 'psst' });
    const channels = await get('channels');
    const [guild, direct] = [channelOf(bot), message.channelId].map((wanted) =>
      channels.find(({ id }: { id: string }) => id === wanted),
    );
    assert.deepEqual([guild.name, guild.applicationIds], ['general', [bot.id]]);
    assert.deepEqual([direct.name, direct.guild, direct.applicationIds], ['ada', null, [bot.id]]);
  });

  it('lets a person say something, mention and reply, and read the channel', async () => {
    const channelId = channelOf(bot);
    const { body: first } = await post('say', { channelId, author: 'ada', content: 'hi', mention: bot.id });
    await post('say', { channelId, content: 'hello', replyTo: first.id });
    assert.deepEqual(
      (await get(`channels/${channelId}/messages`)).map(({ author, content, replyTo }: Record<string, string>) => [
        author,
        content,
        replyTo,
      ]),
      [
        ['ada', `<@${bot.id}> hi`, null],
        ['you', 'hello', first.id],
      ],
    );
  });

  it('uses slash commands', async () => {
    const commands = [{ name: 'ping', description: 'Answers' }];
    await call(`${emulator.url}/applications/${bot.id}/commands`, 'PUT', { token: bot.token, body: commands });
    const { body } = await post('interactions', { applicationId: bot.id, channelId: channelOf(bot), command: 'ping' });
    assert.match(body.id, /^\d+$/);
    assert.deepEqual((await get('applications'))[0].commands, ['ping']);
  });

  it('gives out the ledger, filtered and in pages', async () => {
    const client = new RawClient(emulator);
    await client.login(bot.token);
    const [ready] = await get(`ledger?type=ready&applicationId=${bot.id}`);
    assert.equal(ready.applicationId, bot.id);
    assert.equal((await get('ledger?limit=2&after=1')).map(({ seq }: { seq: number }) => seq).join(), '2,3');
    assert.equal((await get(`ledger/owners?applicationId=${bot.id}`)).max, 1);
    client.socket.terminate();
  });

  it('switches every fault', async () => {
    const faults = [
      { fault: 'close', code: 4001 },
      { fault: 'drop' },
      { fault: 'freeze' },
      { fault: 'thaw' },
      { fault: 'reconnect' },
      { fault: 'invalidate', resumable: true },
    ];
    for (const fault of faults) {
      const application = emulator.createApplication();
      const client = new RawClient(emulator);
      await client.login(application.token);
      assert.deepEqual((await post('faults', { applicationId: application.id, ...fault })).body, { connections: 1 });
      client.socket.terminate();
    }
    assert.deepEqual((await post('faults', { applicationId: bot.id, fault: 'refuse', count: 1 })).body, {
      connections: null,
    });
    const client = new RawClient(emulator);
    await client.identify(bot.token);
    assert.equal(await client.closed, 1006);
    await post('faults', { applicationId: '*', fault: 'refuse-for', ms: 60_000 });
    assert.equal(await new RawClient(emulator).closed, 1006);
    await post('faults', { applicationId: '*', fault: 'refuse', count: 0 });
    assert.equal(emulator.ledger.count('fault'), 9);
  });

  it('answers mistakes with what is wrong', async () => {
    const problem = async (path: string, body: unknown) => {
      const answer = await post(path, body);
      return [answer.status, answer.body.error];
    };
    assert.deepEqual(await problem('say', { channelId: '1', content: 'x' }), [404, 'the emulator has no channel 1']);
    assert.deepEqual(await problem('direct-messages', { applicationId: '1', content: 'x' }), [
      404,
      'the emulator has no application 1',
    ]);
    assert.match((await problem('say', { channelId: '1' }))[1], /^content: /);
    assert.match((await problem('faults', { applicationId: '*', fault: 'earthquake' }))[1], /^fault: /);
    assert.equal((await problem('faults', { applicationId: '*', fault: 'close', code: 1006 }))[0], 400);
    const reply = { channelId: channelOf(bot), content: 'x', replyTo: '1' };
    assert.match((await problem('say', reply))[1], /there is no message 1/);
    const mention = { channelId: channelOf(bot), content: 'x'.repeat(2000), mention: bot.id };
    assert.match((await problem('say', mention))[1], /at most 2000 characters/);
    assert.equal((await call(`${adminUrl(emulator)}/nothing`)).status, 404);
    assert.equal((await post('say', undefined)).status, 400);
    assert.equal((await call(`${adminUrl(emulator)}/say`, 'POST', { body: '{' })).status, 400);
  });

  it('has a page to chat by hand that loads nothing from elsewhere', async () => {
    const response = await fetch(emulator.pageUrl);
    assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
    assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    const html = await response.text();
    assert.match(html, /Emulated Discord/);
    assert.doesNotMatch(html, /https?:\/\//);
    const [, script = ''] = /<script>([\s\S]*)<\/script>/.exec(html) ?? [];
    assert.doesNotThrow(() => new Function(script));
  });
});
