import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createApi } from '../../src/api/server.ts';
import { Client } from '../../src/cli/client.ts';
import { FakeFleet } from '../support/fake-fleet.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

function setUp(t: TestContext, path = join(scratchDirectory(t), 'state', 'droas.sock')) {
  const api = createApi({ fleet: new FakeFleet() });
  t.after(() => api.close());
  return { api, path, listen: () => api.listen(path) };
}

const listening = (path: string): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer().listen(path, () => resolve(server));
  });

describe('the socket', () => {
  it('is for its owner alone, in a directory for its owner alone, and is gone afterwards', async (t) => {
    const { api, path, listen } = setUp(t);
    await listen();
    assert.equal(mode(path), '600');
    assert.equal(mode(join(path, '..')), '700');
    const client = new Client(path);
    assert.equal((await client.get<{ status: string }>('/livez')).status, 'ok');
    client.close();
    await api.close();
    assert.equal(existsSync(path), false);
  });

  it('replaces a socket that nobody listens on', async (t) => {
    const { path, listen } = setUp(t);
    mkdirSync(join(path, '..'), { mode: 0o700 });
    const orphan = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    assert.throws(() => execFileSync(process.execPath, ['-e', orphan]));
    assert.ok(statSync(path).isSocket(), 'the killed process left its socket behind');
    await listen();
    const client = new Client(path);
    assert.equal((await client.get<{ status: string }>('/livez')).status, 'ok');
    client.close();
  });

  it('leaves a socket alone that somebody answers on', async (t) => {
    const { path, listen } = setUp(t);
    mkdirSync(join(path, '..'), { mode: 0o700 });
    const other = await listening(path);
    t.after(() => other.close());
    await assert.rejects(listen(), { code: 'ALREADY_RUNNING' });
    assert.ok(existsSync(path));
  });

  it('leaves a file alone that is no socket', async (t) => {
    const { path, listen } = setUp(t);
    mkdirSync(join(path, '..'), { mode: 0o700 });
    writeFileSync(path, 'precious');
    await assert.rejects(listen(), { code: 'STATE_UNWRITABLE', message: /is no socket/ });
    assert.ok(existsSync(path));
  });

  it('refuses a path that the kernel would cut', async (t) => {
    const { listen } = setUp(t, join(scratchDirectory(t), 'x'.repeat(100), 'droas.sock'));
    await assert.rejects(listen(), { code: 'STATE_UNWRITABLE', message: /longer than the \d+ bytes/ });
  });

  it('refuses a directory that others may write to', async (t) => {
    const { path, listen } = setUp(t);
    mkdirSync(join(path, '..'));
    chmodSync(join(path, '..'), 0o777);
    await assert.rejects(listen(), { code: 'NOT_ALLOWED' });
  });

  it('refuses a directory of somebody else', async (t) => {
    const directory = scratchDirectory(t);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chownSync(directory, 65_534, 65_534);
    await assert.rejects(setUp(t, join(isRoot ? directory : '/', 'droas.sock')).listen(), { code: 'NOT_ALLOWED' });
  });

  it('says so when the directory cannot be made', async (t) => {
    const directory = scratchDirectory(t);
    writeFileSync(join(directory, 'file'), '');
    const { listen } = setUp(t, join(directory, 'file', 'droas.sock'));
    await assert.rejects(listen(), { code: 'STATE_UNWRITABLE', message: /cannot be made/ });
  });
});
