import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createProcessStats } from '../../src/adapters/proc-stats/index.ts';
import { inspectMachine, type Perl, shimArguments } from '../../src/adapters/process/shim.ts';
import { bootId } from '../../src/adapters/system/boot-id.ts';
import { createClock } from '../../src/adapters/system/clock.ts';
import { createRandom } from '../../src/adapters/system/random.ts';
import { read, temporaryDirectory, until } from './support.ts';

const clock = createClock();
const descriptors = (): number => readdirSync('/proc/self/fd').length;

test('a timer fires once, not before its time, and never synchronously', async () => {
  for (const delayMs of [-5, 0, 0.2, 3.7, 20.5]) {
    const atMs = clock.monotonicMs() + delayMs;
    let fired = 0;
    const at = await new Promise<number>((resolve) => {
      clock.setTimer(atMs, () => {
        fired += 1;
        resolve(clock.monotonicMs());
      });
      assert.equal(fired, 0);
    });
    assert.ok(at >= atMs, `${atMs - at} ms early`);
  }
});

test('a cancelled timer never fires, due or not', async () => {
  const due = clock.setTimer(clock.monotonicMs() - 1, assert.fail);
  const later = clock.setTimer(clock.monotonicMs() + 5, assert.fail);
  due.cancel();
  later.cancel();
  await new Promise<void>((resolve) => clock.setTimer(clock.monotonicMs() + 15, resolve));
});

test('a timer beyond what Node can count waits on', (t) => {
  let nowMs = 1e6;
  const waits: { delayMs: number; fire: () => void }[] = [];
  t.mock.method(process, 'hrtime', () => [Math.floor(nowMs / 1e3), (nowMs % 1e3) * 1e6]);
  t.mock.method(globalThis, 'setTimeout', (fire: () => void, delayMs: number) => waits.push({ delayMs, fire }));
  const atMs = nowMs + 2 ** 33;
  const fired: number[] = [];
  clock.setTimer(atMs, () => fired.push(nowMs));
  for (let wait = waits.shift(); wait !== undefined; wait = waits.shift()) {
    assert.ok(wait.delayMs < 2 ** 31);
    nowMs += wait.delayMs;
    wait.fire();
  }
  assert.deepEqual(fired, [atMs]);
});

test('monotonic time is the one of the whole machine', () => {
  const uptimeMs = Number(read('/proc/uptime').split(' ')[0]) * 1e3;
  assert.ok(Math.abs(clock.monotonicMs() - uptimeMs) < 1e3);
  assert.ok(Math.abs(clock.wallMs() - Date.now()) < 1e3);
});

test('random numbers are in [0, 1) and differ', () => {
  const numbers = Array.from({ length: 100 }, createRandom().next);
  assert.ok(numbers.every((number) => number >= 0 && number < 1));
  assert.equal(new Set(numbers).size, 100);
});

test('a boot has one name, and a system without /proc is refused with a reason', () => {
  assert.match(bootId(), /^[0-9a-f-]{36}$/);
  assert.equal(bootId(), bootId());
  assert.throws(() => bootId('/no/such/file'), { code: 'SPAWN_FAILED', remedy: /Linux/ });
});

test('the machine is told apart by what it has', (t) => {
  assert.ok(inspectMachine().sleep.endsWith('/sleep'));
  assert.equal(inspectMachine('', 'riscv64').perl, null);
  assert.equal(inspectMachine(temporaryDirectory(t), 'x64').perl?.prctl, 157);
  assert.equal(inspectMachine('relative:', 'arm64').perl?.prctl, 167);
  const order = { directory: '/d', oomScoreAdj: 1, command: ['/bin/true'] };
  const kindWith = (perl: Perl | null) => shimArguments({ shell: '/bin/sh', sleep: '/bin/sleep', perl }, order)[6];
  assert.deepEqual([kindWith({ path: '/p', prctl: 1, setsid: 2 }), kindWith(null)], ['reaper', 'plain']);
});

test('a sample of a tree adds up memory and processor time, and the dead count nothing', async (t) => {
  const stats = createProcessStats();
  t.after(() => stats.close());
  const fixture = join(import.meta.dirname, 'fixture-busy.mjs');
  const child = spawn(process.execPath, [fixture], { stdio: ['pipe', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const pid = child.pid ?? 0;
  const ours = stats.sample([process.pid]);
  assert.ok(Math.abs(ours.rssBytes / process.memoryUsage.rss() - 1) < 0.2);
  const { user, system } = process.cpuUsage();
  assert.ok(Math.abs(ours.cpuSeconds - (user + system) / 1e6) < 0.2);
  const one = stats.sample([pid]);
  const both = stats.sample([process.pid, pid]);
  assert.equal(both.processes, 2);
  assert.ok(both.rssBytes >= one.rssBytes + ours.rssBytes / 2);
  assert.ok(one.cpuSeconds >= 0.05, 'the fixture was busy for 0.1 s');
  const pss = stats.pssBytes([pid]);
  assert.ok(pss > one.rssBytes / 10 && pss <= one.rssBytes * 1.1, `${pss} of ${one.rssBytes}`);
  child.stdin.end();
  await once(child, 'exit');
  assert.deepEqual(stats.sample([pid, 2 ** 22 + 1]), { rssBytes: 0, cpuSeconds: 0, processes: 0 });
  assert.equal(stats.pssBytes([pid]), 0);
});

test('the descriptor of a dead process is closed when it is asked for', async (t) => {
  const stats = createProcessStats();
  t.after(() => stats.close());
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const before = descriptors();
  assert.equal(stats.sample([child.pid ?? 0]).processes, 1);
  assert.equal(descriptors(), before + 1);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(stats.sample([child.pid ?? 0]).processes, 0);
  assert.equal(descriptors(), before);
});

test('descriptors of processes that nobody asks for any more are closed', async (t) => {
  const stats = createProcessStats();
  t.after(() => stats.close());
  const before = descriptors();
  stats.sample([process.pid]);
  stats.sample([process.pid]);
  assert.equal(descriptors(), before + 1);
  stats.sample([process.ppid]);
  for (let n = 0; n < 300; n += 1) stats.sample([process.pid]);
  assert.equal(descriptors(), before + 1);
  stats.close();
  assert.equal(descriptors(), before);
  await until('a closed reader reads again', () => stats.sample([process.pid]).processes === 1);
});
