import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { createChannels } from '../../src/adapters/socket/index.ts';
import { OpenChannel } from './open-channel.ts';
import { RawClient } from './raw-client.ts';

const listener = { message() {}, refused() {}, connected() {}, disconnected() {} };
const address = { bot: 'music', incarnation: 7, keyHash: 'ab'.repeat(32), heartbeatMs: 5000 };
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('a channel', () => {
  it('welcomes the child that knows its key, and hears what it says', async () => {
    await using open = await OpenChannel.open();
    using client = await RawClient.connect(open.channel.path);
    client.hello({ protocol: [9, 1], run: open.run, key: open.key, sdk: 'test 1', pid: 4, novelty: true });
    assert.deepEqual(await client.answer(), {
      jsonrpc: '2.0',
      id: 1,
      result: { protocol: 1, bot: 'music', incarnation: 7, heartbeatMs: 5000 },
    });
    client.notify('ready', { detail: 'serving' });
    client.notify('heartbeat', { loopLagMs: 2, counters: { answers: 1 } });
    client.notify('gateway', { state: 'ready', guilds: 3, tomorrow: 1 });
    await open.until(() => open.messages.length === 3);
    assert.deepEqual(open.messages, [
      { method: 'ready', params: { detail: 'serving' } },
      { method: 'heartbeat', params: { loopLagMs: 2, counters: { answers: 1 } } },
      { method: 'gateway', params: { state: 'ready', guilds: 3 } },
    ]);
    client.socket.destroy();
    await open.until(() => open.types.at(-1) === 'disconnected');
    assert.deepEqual(open.types, ['connected', 'message', 'message', 'message', 'disconnected']);
  });

  it('hears a hello, and what follows it, in pieces of any size', async () => {
    await using open = await OpenChannel.open();
    using client = await RawClient.connect(open.channel.path);
    const hello = { jsonrpc: '2.0', id: 'é', method: 'hello', params: { protocol: [1], run: open.run, key: open.key } };
    const bytes = Buffer.from(`${JSON.stringify(hello)}\n{"jsonrpc":"2.0","method":"ready"}\n`);
    for (const byte of bytes) {
      client.write(Uint8Array.of(byte));
      await new Promise(setImmediate);
    }
    assert.equal((await client.answer())?.['id'], 'é');
    await open.until(() => open.messages.length === 1);
    assert.deepEqual(open.messages, [{ method: 'ready', params: {} }]);
  });

  it('answers a request of the child', async () => {
    await using open = await OpenChannel.open();
    using client = await open.child();
    client.write('{"jsonrpc":"2.0","id":2,"method":"identify.request","params":{"shard":0}}\n');
    assert.deepEqual(await client.answer(), { jsonrpc: '2.0', id: 2, result: {} });
    assert.deepEqual(open.messages, [{ method: 'identify.request', params: { shard: 0 } }]);
  });

  it('sends to the child, and says so when there is none', async () => {
    await using open = await OpenChannel.open();
    const stop = { method: 'stop', params: { intent: 'offline', graceMs: 1000 } } as const;
    assert.equal(open.channel.send(stop), false);
    using client = await open.child();
    assert.equal(open.channel.send(stop), true);
    assert.deepEqual(await client.answer(), { jsonrpc: '2.0', ...stop });
    client.socket.destroy();
    await open.until(() => open.types.includes('disconnected'));
    assert.equal(open.channel.send(stop), false);
  });

  it('is open to nobody else', async () => {
    await using open = await OpenChannel.open();
    assert.equal(mode(open.channel.path), '600');
    assert.equal(mode(dirname(open.channel.path)), '700');
  });

  it('replaces the socket of a supervisor that died', async () => {
    await using first = await OpenChannel.open();
    const { ino } = lstatSync(first.channel.path);
    await using second = await OpenChannel.open({}, first);
    assert.equal(second.channel.path, first.channel.path);
    assert.notEqual(lstatSync(second.channel.path).ino, ino);
    first.channel.close();
    using _client = await second.child();
    assert.deepEqual(second.types, ['connected']);
  });

  it('is gone when it is closed, with its connections', async () => {
    await using open = await OpenChannel.open();
    using client = await open.child();
    open.channel.close();
    open.channel.close();
    await client.closed;
    assert.deepEqual(readdirSync(open.directory), []);
    await assert.rejects(RawClient.connect(open.channel.path), { code: 'ENOENT' });
    assert.deepEqual(open.types, ['connected']);
  });

  it('closes a directory to others that was open to them', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'droas-socket-'));
    chmodSync(directory, 0o755);
    const channel = await createChannels({ directory }).open(address, listener);
    assert.equal(mode(directory), '700');
    channel.close();
    rmSync(directory, { recursive: true });
  });

  it('leaves its neighbours alone', async () => {
    await using open = await OpenChannel.open();
    const neighbour = await createChannels({ directory: open.directory }).open(
      { ...address, incarnation: 8 },
      listener,
    );
    open.channel.close();
    assert.deepEqual(readdirSync(open.directory), [basename(neighbour.path)]);
    (await RawClient.connect(neighbour.path)).socket.destroy();
    neighbour.close();
  });

  it('closes without a word when its socket is out of reach', async () => {
    for (const spoil of [
      (directory: string) => symlinkSync('own', directory),
      (directory: string) => writeFileSync(directory, ''),
    ]) {
      const root = mkdtempSync(join(tmpdir(), 'droas-socket-'));
      const directory = join(root, 'own');
      const name = 'music.7';
      const channel = await createChannels({ directory }).open(address, listener);
      using client = await RawClient.connect(channel.path);
      renameSync(directory, join(root, 'away'));
      spoil(directory);
      channel.close();
      await client.closed;
      assert.ok(existsSync(join(root, 'away', name)), 'what cannot be removed is left');
      await assert.rejects(RawClient.connect(join(root, 'away', name)), { code: 'ECONNREFUSED' });
      rmSync(root, { recursive: true });
    }
  });

  it('finds a short path where the kernel takes no long one', async () => {
    const root = mkdtempSync(join(tmpdir(), 'droas-socket-'));
    const long = join(root, 'a'.repeat(60), 'b'.repeat(60));
    const channels = createChannels({ directory: long });
    for (const runtime of [root, join(root, 'c'.repeat(100)), undefined]) {
      if (runtime === undefined) delete process.env['XDG_RUNTIME_DIR'];
      else process.env['XDG_RUNTIME_DIR'] = runtime;
      const channel = await channels.open(address, listener);
      const expected = runtime === root ? join(root, 'droas') : `/tmp/droas-${process.getuid?.()}`;
      assert.equal(dirname(channel.path), expected);
      assert.ok(Buffer.byteLength(channel.path) <= 107);
      assert.equal(mode(expected), '700');
      const again = await channels.open(address, listener);
      assert.equal(again.path, channel.path);
      (await RawClient.connect(channel.path)).socket.destroy();
      channel.close();
      again.close();
    }
    rmSync(root, { recursive: true });
  });

  it('uses a path of exactly 107 bytes as it is', async () => {
    const root = mkdtempSync(join(tmpdir(), 'droas-socket-'));
    const directory = join(root, 'd'.repeat(107 - root.length - '//music.7'.length));
    const channel = await createChannels({ directory }).open(address, listener);
    assert.equal(channel.path, join(directory, 'music.7'));
    assert.equal(channel.path.length, 107);
    (await RawClient.connect(channel.path)).socket.destroy();
    channel.close();
    rmSync(root, { recursive: true });
  });

  it('refuses a directory that is a link, a file, or cannot be made', async () => {
    const root = mkdtempSync(join(tmpdir(), 'droas-socket-'));
    mkdirSync(join(root, 'real'));
    symlinkSync(join(root, 'real'), join(root, 'link'));
    writeFileSync(join(root, 'file'), '');
    mkdirSync(join(root, 'taken', 'music.7', 'x'), { recursive: true });
    for (const name of ['link', 'file', 'file/below', 'taken']) {
      const channels = createChannels({ directory: join(root, name) });
      await assert.rejects(channels.open(address, listener), (error: Error & { code: string; remedy: string }) => {
        assert.equal(error.code, 'STATE_UNWRITABLE');
        assert.match(error.message, /music/);
        assert.ok(error.remedy.length > 10);
        return true;
      });
    }
    rmSync(root, { recursive: true });
  });
});
