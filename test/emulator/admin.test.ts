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
      const { body } = await post('faults', { target: application.id, ...fault });
      assert.equal(body.connections, 1, fault.fault);
      client.socket.terminate();
    }
    assert.equal((await post('faults', { target: bot.id, fault: 'refuse', count: 1 })).body.connections, 0);
    const client = new RawClient(emulator);
    await client.identify(bot.token);
    assert.equal(await client.closed, 1006);
    const { body: refusal } = await post('faults', { fault: 'refuse', forMs: 60_000 });
    assert.equal(await new RawClient(emulator).closed, 1006);
    const remove = (path: string) => call(`${adminUrl(emulator)}/${path}`, 'DELETE');
    assert.deepEqual((await remove(`faults/${refusal.id}`)).body, { cleared: 1 });
    assert.equal((await remove(`faults/${refusal.id}`)).status, 404);
    assert.equal(emulator.ledger.count('fault'), 9);
  });

  it('lists the faults that stand without their keys, and ends all of them', async () => {
    await call(`${adminUrl(emulator)}/faults`, 'DELETE');
    await post('faults', { fault: 'llm-cut', key: 'my-own-key', count: 3 });
    await post('faults', { fault: 'freeze', target: bot.id, forMs: 60_000 });
    const listed = await get('faults');
    assert.deepEqual(
      listed.map(({ fault, target, hits, key }: Record<string, unknown>) => [fault, target, hits, key]),
      [
        ['llm-cut', 'llm', 0, '…'],
        ['freeze', bot.id, 0, undefined],
      ],
    );
    assert.ok(!JSON.stringify(emulator.ledger.entries({ type: 'fault' })).includes('my-own-key'));
    assert.deepEqual((await call(`${adminUrl(emulator)}/faults`, 'DELETE')).body, { cleared: 2 });
    assert.deepEqual(await get('faults'), []);
  });

  it('describes every fault as JSON Schema', async () => {
    const { oneOf } = await get('faults/kinds');
    const latency = oneOf.find(
      (one: { properties: { fault: { const: string } } }) => one.properties.fault.const === 'latency',
    );
    assert.deepEqual(latency.required, ['fault', 'delayMs']);
    assert.ok(oneOf.length >= 25);
  });

  it('counts numbered messages', async () => {
    const { lastSeq } = emulator.ledger;
    const { body } = await post('count', { applicationId: bot.id, total: 3, perSecond: 1_000 });
    assert.equal(body.first, 1);
    await emulator.ledger.waitFor({ type: 'message', after: lastSeq }, { count: 3 });
    assert.equal((await get(`ledger/effects?applicationId=${bot.id}`)).posted, 3);
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
    assert.match((await problem('faults', { fault: 'earthquake' }))[1], /^fault: /);
    assert.equal((await problem('faults', { fault: 'close', code: 1006 }))[0], 400);
    const reply = { channelId: channelOf(bot), content: 'x', replyTo: '1' };
    assert.match((await problem('say', reply))[1], /there is no message 1/);
    const mention = { channelId: channelOf(bot), content: 'x'.repeat(2000), mention: bot.id };
    assert.match((await problem('say', mention))[1], /at most 2000 characters/);
    assert.equal((await call(`${adminUrl(emulator)}/nothing`)).status, 404);
    assert.equal((await post('say', undefined)).status, 400);
    assert.equal((await call(`${adminUrl(emulator)}/say`, 'POST', { body: '{' })).status, 400);
  });
});
