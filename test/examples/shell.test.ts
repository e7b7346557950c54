import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Example } from './example.ts';

let example: Example;
before(async () => {
  example = new Example('shell');
  await example.fleet.up();
});
after(() => example.dispose());

const path = (...names: readonly string[]) => join(example.directory, ...names);

/** Puts a text into the inbox as a whole, and waits until it has come out. */
async function pressed(name: string, text: string): Promise<string> {
  writeFileSync(path(`.${name}`), text);
  renameSync(path(`.${name}`), path('inbox', name));
  while (!existsSync(path('outbox', name)) || existsSync(path('inbox', name))) await pause(20);
  return readFileSync(path('outbox', name), 'utf8');
}

test('the worker in plain shell works, and a probe says that it does', async () => {
  const worker = await example.fleet.until('press', ({ health }) => health === 'healthy');
  assert.deepEqual([worker.state, worker.kind, worker.gateway], ['running', 'service', null]);
  assert.match(worker.healthReasons.join(), /probe passed/);
  assert.equal(await pressed('one', 'hello\n'), 'HELLO\n');
});

test('killed with -9 it is started again and goes on', async () => {
  const { fleet } = example;
  await fleet.client.ask('POST', '/api/v1/bots/press/kill', { signal: 'SIGKILL' });
  const worker = await fleet.until('press', ({ state, incarnation }) => state === 'running' && incarnation === 2);
  assert.equal(worker.restarts.total, 1);
  assert.equal(await pressed('two', 'world\n'), 'WORLD\n');
});

test('stopped it ends in order', async () => {
  const { fleet } = example;
  assert.equal((await fleet.wish('press', 'stop')).outcome, 'done');
  assert.ok((await fleet.logs('press')).some(({ text }) => text === 'stopped in order'));
  assert.deepEqual(readdirSync(path('inbox')), []);
});
