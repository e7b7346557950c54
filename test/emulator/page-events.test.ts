import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Application, Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { adminUrl, call, channelOf } from './call.ts';
import { EventReader } from './event-reader.ts';
import { RawClient } from './raw-client.ts';

describe('the events of the chat', () => {
  let emulator: Emulator;
  let bot: Application;
  before(async () => {
    emulator = await createEmulator({ identifyWindowMs: 1, streamStallMs: 300 });
    bot = emulator.createApplication({ name: 'helper', privilegedIntents: 32_768 });
  });
  after(() => emulator.close());
  const events = (lastEventId?: string) => new EventReader(`${adminUrl(emulator)}/events`, lastEventId);
  const say = (content: string) => emulator.say({ channelId: channelOf(bot), author: 'ada', content });
  const ofType = (type: string) => (event: { data: { type: string } }) => event.data.type === type;

  it('begin with word to read everything, then tell what people and bots do', async () => {
    using reader = events();
    assert.deepEqual((await reader.next()).data, { type: 'reset' });
    const message = say('hello');
    const told = (await reader.next(ofType('message'))).data.message;
    assert.deepEqual([told.id, told.author, told.content, told.edited], [message.id, 'ada', 'hello', false]);

    const path = `${emulator.url}/channels/${channelOf(bot)}`;
    await call(`${path}/typing`, 'POST', { token: bot.token });
    assert.deepEqual((await reader.next()).data, {
      type: 'typing',
      channelId: channelOf(bot),
      user: { id: bot.id, name: 'helper' },
    });
    const { body } = await call(`${path}/messages`, 'POST', {
      token: bot.token,
      body: { content: 'hi', message_reference: { message_id: message.id } },
    });
    const answer = (await reader.next()).data.message;
    assert.deepEqual([answer.bot, answer.replyTo], [true, message.id]);
    await call(`${path}/messages/${body.id}`, 'PATCH', { token: bot.token, body: { content: 'hi there' } });
    const edited = (await reader.next()).data.message;
    assert.deepEqual([edited.content, edited.edited], ['hi there', true]);
    await call(`${path}/messages/${body.id}`, 'DELETE', { token: bot.token });
    assert.deepEqual((await reader.next()).data, { type: 'message-deleted', channelId: channelOf(bot), id: body.id });
    emulator.world.deleteMany(emulator.world.channel(channelOf(bot)), [message]);
    assert.equal((await reader.next()).data.id, message.id);
  });

  it('tell who comes online and goes', async () => {
    using reader = events();
    await reader.next();
    const other = emulator.createApplication();
    const client = new RawClient(emulator);
    await client.login(other.token);
    const presence = ofType('presence');
    assert.deepEqual((await reader.next(presence)).data, { type: 'presence', userId: other.id, online: true });
    client.socket.close(1000);
    assert.deepEqual((await reader.next(presence)).data, { type: 'presence', userId: other.id, online: false });
  });

  it('tell that guilds and channels are to be read again', async () => {
    using reader = events();
    await reader.next();
    const guild = emulator.world.createGuild({ name: 'new', owner: emulator.world.person('ada'), members: [bot.bot] });
    assert.deepEqual((await reader.next()).data, { type: 'places' });
    emulator.world.createChannel(guild, { name: 'more' });
    assert.deepEqual((await reader.next()).data, { type: 'places' });
  });

  it('go on behind the last one that was seen, in order, each once', async () => {
    using reader = events();
    await reader.next();
    say('1');
    const seen = await reader.next(ofType('message'));
    for (let number = 2; number <= 250; number++) say(String(number));
    using later = events(seen.id);
    const contents: string[] = [];
    while (contents.length < 249) contents.push((await later.next()).data.message.content);
    assert.deepEqual(
      contents,
      Array.from({ length: 249 }, (_, index) => String(index + 2)),
    );
    say('new');
    assert.equal((await later.next()).data.message.content, 'new');
  });

  it('say to read everything when that cannot be: forgotten, of another emulator, or no id at all', async () => {
    using reader = events();
    const first = await reader.next();
    for (let number = 0; number < 2_600; number++) say('x');
    using now = events();
    const [run = '', position = ''] = (await now.next()).id.split('-');
    for (const id of [first.id, `0${run}-${position}`, `${run}-99999999`, `${run}-`, `${run}-1e3`, 'x', '']) {
      using later = events(id);
      assert.deepEqual((await later.next()).data, { type: 'reset' }, id);
      say('after');
      assert.equal((await later.next()).data.message.content, 'after');
    }
  });

  it('keep nothing for a reader that takes nothing, and drop it', async () => {
    const { hostname, port } = new URL(emulator.pageUrl);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.pause();
    socket.write('GET /emulator/events HTTP/1.1\r\nhost: x\r\n\r\n');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    // Who never reads learns that the other side has gone when a write fails.
    const isGone = new Promise((resolve) => socket.once('error', resolve));
    const text = 'x'.repeat(2_000);
    const poll = setInterval(() => {
      for (let number = 0; number < 500; number++) say(text);
      socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    }, 50);
    await isGone;
    clearInterval(poll);
    socket.destroy();
    await closed;
  });

  it('stay one event whatever bots and people are called and write', async () => {
    using reader = events();
    await reader.next();
    const hostile = '</script><img src=x onerror=alert(1)>\n\ndata: {"type":"reset"}\r\n\r\nid: 7\u2028\u2029\0"\\';
    emulator.say({ channelId: channelOf(bot), author: 'a\n\ndata: 1', content: hostile });
    const event = await reader.next(ofType('message'));
    assert.equal(event.lines, 1);
    assert.deepEqual([event.data.message.content, event.data.message.author], [hostile, 'a\n\ndata: 1']);
    const path = `${adminUrl(emulator)}/channels/${channelOf(bot)}/messages`;
    assert.match((await fetch(path)).headers.get('content-type') ?? '', /^application\/json/);
    assert.equal((await call(path)).body.at(-1).content, hostile);
  });

  it('leave the emulator free to close', async () => {
    const own = await createEmulator();
    using reader = new EventReader(`${adminUrl(own)}/events`);
    await reader.next();
    await own.close();
    await assert.rejects(reader.next());
  });
});
