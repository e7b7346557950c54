import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { LogLimits } from '../../src/runtime/logs/limits.ts';
import { Desk } from './desk.ts';
import { scratchDirectory } from './scratch.ts';
import { until } from './until.ts';

const root = scratchDirectory();
const children = new Set<ChildProcess>();
after(() => {
  for (const child of children) child.kill('SIGKILL');
});

function start(fixture: string, args: readonly string[]): ChildProcess {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(root, 'compiled') };
  const child = fork(join(import.meta.dirname, 'fixtures', fixture), args, { execArgv: [], env });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

async function consume(desk: Desk, spools: string, limits: Partial<LogLimits>): Promise<ChildProcess> {
  const child = start('consumer.ts', [desk.logsDirectory, spools, JSON.stringify(limits)]);
  await once(child, 'message');
  return child;
}

test('killed twenty times at any moment, under rotation, it keeps every line once and in order', async () => {
  const limits = { fileBytes: 30_000, keptFiles: 300, checkpointBytes: 5000 };
  const desk = new Desk(join(root, 'killed'), limits);
  const source = desk.source('music');
  let written = 0;
  const writer = setInterval(() => {
    const numbers = Array.from({ length: 10 }, () => written++);
    appendFileSync(source.spools.out, numbers.map((n) => `out ${n}\n`).join(''));
    appendFileSync(source.spools.err, numbers.map((n) => `err ${n} ${'x'.repeat(n % 50)}\n`).join(''));
  }, 2);
  try {
    for (let round = 0; round < 20; round += 1) {
      const child = await consume(desk, dirname(source.spools.out), limits);
      await delay(Math.random() * 100); // the moment of the kill: any
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  } finally {
    clearInterval(writer);
  }
  desk.spool.follow(source);
  await desk.spool.finish('music', 1);
  await desk.spool.close();
  const records = desk
    .kept('music')
    .trimEnd()
    .split('\n')
    .map((json) => JSON.parse(json));
  assert.ok(written > 1000);
  for (const stream of ['out', 'err']) {
    const numbers = records.filter(({ s }) => s === stream).map(({ m }) => Number(m.split(' ')[1]));
    assert.deepEqual(
      numbers,
      Array.from({ length: written }, (_, n) => n),
      stream,
    );
  }
  assert.ok(existsSync(join(desk.logsDirectory, 'music', 'current.log.5')), 'it was rotated meanwhile');
});

test('a flood of 200 MB/s costs neither memory nor disk nor the event loop', async () => {
  const desk = new Desk(join(root, 'flooded'));
  const source = desk.source('music');
  const child = await consume(desk, dirname(source.spools.out), {});
  const peakMegabytes = () =>
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
  const before = peakMegabytes();
  let mostOnDisk = 0;
  const sampler = setInterval(() => {
    mostOnDisk = Math.max(mostOnDisk, statSync(source.spools.out).blocks * 512);
  }, 20);
  try {
    const flooder = start('flooder.ts', [source.spools.out, '200', '2']);
    await until('what was dropped is said', () =>
      /"out: dropped \d+ bytes: the bot wrote faster/.test(desk.kept('music')),
    );
    if (flooder.exitCode === null) await once(flooder, 'exit');
  } finally {
    clearInterval(sampler);
  }
  child.send('how was it?');
  const [{ longestStallMs }] = await once(child, 'message');
  const { size } = statSync(source.spools.out);
  const figures = { size, mostOnDisk, longestStallMs, grownMegabytes: peakMegabytes() - before };
  child.kill('SIGKILL');
  await once(child, 'exit');
  await desk.spool.close();
  assert.ok(size > 300e6, `the flood was one: ${JSON.stringify(figures)}`);
  assert.ok(figures.grownMegabytes < 80, JSON.stringify(figures));
  assert.ok(mostOnDisk < 200e6, JSON.stringify(figures));
  assert.ok(longestStallMs < 250, JSON.stringify(figures));
});
