import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { childrenOf, startedWith } from '../../src/adapters/process/proc.ts';
import { napMark } from '../../src/adapters/process/shim.ts';
import { fastClock, isLiving, machine, machines, path, read, readPid, Stage, until } from './support.ts';

const forever = 'while :; do sleep 1000; done';

for (const { name, machine } of machines) {
  describe(name, { concurrency: 4 }, () => {
    for (const code of [0, 1, 7, 128, 255]) {
      test(`exit code ${code} is told as it is`, async (t) => {
        const { watcher } = await new Stage(t, { machine }).sh(`exit ${code}`);
        assert.deepEqual(await watcher.end, { exit: { kind: 'code', code }, treeEmpty: true });
      });
    }

    for (const [signal, number] of [
      ['KILL', 9],
      ['SEGV', 11],
      ['TERM', 15],
      ['ABRT', 6],
    ] as const) {
      test(`death by SIG${signal} is told as that signal`, async (t) => {
        const { watcher } = await new Stage(t, { machine }).sh(`kill -${signal} $$`);
        const { exit, treeEmpty } = await watcher.end;
        assert.ok(exit.kind === 'signal' || exit.kind === 'either', `told as ${JSON.stringify(exit)}`);
        assert.deepEqual([exit.signal, treeEmpty], [number, true]);
      });
    }

    test('an exit with 128 + n could be a signal, and is told so', async (t) => {
      const { watcher } = await new Stage(t, { machine }).sh('exit 137');
      assert.deepEqual((await watcher.end).exit, { kind: 'either', code: 137, signal: 9 });
    });

    test('the watcher hears nothing before the caller has the child, and each thing once', async (t) => {
      const { watcher, child } = await new Stage(t, { machine }).sh('exit 0');
      assert.deepEqual(watcher.calls, []);
      await watcher.end;
      child.killTree();
      child.askStop();
      await new Promise(setImmediate);
      assert.deepEqual(watcher.calls, ['exited']);
      assert.equal(child.signal('SIGTERM'), false);
    });

    test('a program with a bad interpreter is told as not executed', async (t) => {
      const stage = new Stage(t, { machine });
      writeFileSync(stage.file('bad'), '#!/no/such/interpreter\n', { mode: 0o755 });
      const { watcher } = await stage.spawn([stage.file('bad')]);
      const { exit, treeEmpty } = await watcher.end;
      assert.ok(exit.kind === 'not-executed' && (exit.code === 126 || exit.code === 127), JSON.stringify(exit));
      assert.equal(treeEmpty, true);
    });

    test('environment, directory, umask and oom score are what was ordered, and nothing else', async (t) => {
      const stage = new Stage(t, { machine });
      const env = { PATH: path, LANG: 'xx_XX.UTF-8', MIXED: 'a b "c"' };
      const { watcher, child } = await stage.sh('env; echo; pwd; umask; cat /proc/self/oom_score_adj; echo oops >&2', {
        env,
      });
      await watcher.end;
      const [told = '', circumstances] = read(child.spools.out).split('\n\n');
      const given = Object.entries({ ...env, DROAS_RUN: child.intent.run }).map(([key, value]) => `${key}=${value}`);
      // A shell may add the first four by itself, and Node hands on that it is being measured.
      const environment = told.split('\n').filter((line) => !/^(PWD|_|SHLVL|OLDPWD|NODE_V8_COVERAGE)=/.test(line));
      assert.deepEqual(environment.sort(), given.sort());
      assert.equal(circumstances, `${stage.state}\n0${process.umask().toString(8).padStart(3, '0')}\n300\n`);
      assert.equal(read(child.spools.err), 'oops\n');
    });

    test('of our descriptors only the output is inherited', async (t) => {
      const { watcher, child } = await new Stage(t, { machine }).sh('exec ls /proc/self/fd');
      await watcher.end;
      const descriptors = read(child.spools.out).trim().split('\n').map(Number);
      // 3 is the directory that `ls` reads. Only perl can close, beyond 9, what we were started with ourselves.
      const closable = descriptors.filter((descriptor) => machine.perl !== null || descriptor < 10);
      assert.deepEqual(closable.sort(), [0, 1, 2, 3]);
    });

    test('run directory and files belong to us alone', async (t) => {
      const stage = new Stage(t, { machine });
      await stage.sh(forever);
      const modes = ['', ...readdirSync(stage.run(1)).sort()].map((file) => {
        return `${file} ${(statSync(stage.run(1, file)).mode & 0o777).toString(8)}`;
      });
      assert.deepEqual(modes, [' 700', 'err 600', 'exit 600', 'intent 600', 'out 600', 'pid 600', 'shim 600']);
      assert.equal(statSync(stage.file('run')).mode & 0o777, 0o700);
    });

    test('a bot that closes its output lives on, and its exit is known', async (t) => {
      const stage = new Stage(t, { machine });
      const { watcher, child } = await stage.sh(
        `exec >&- 2>&- <&-; echo $$ >${stage.file('pid')}; trap 'exit 5' TERM; ${forever}`,
      );
      await until('the output is closed', () => readPid(stage.file('pid')) === child.pid);
      child.killTree();
      assert.deepEqual((await watcher.end).exit, { kind: 'signal', signal: 9 });
    });

    test('a bot that forks and exits is not over until its fork is', async (t) => {
      const stage = new Stage(t, { machine });
      const { watcher, child } = await stage.sh(`sleep 1000 & echo $! >${stage.file('fork')}; exit 4`);
      assert.deepEqual(await watcher.end, { exit: { kind: 'code', code: 4 }, treeEmpty: false });
      const fork = await until('the fork is there', () => readPid(stage.file('fork')));
      await until('only the fork is left', () => child.tree().join() === `${fork}`);
      assert.equal(child.signal('SIGTERM'), false);
      child.askStop();
      await watcher.empty;
      assert.equal(isLiving(fork), false);
      assert.deepEqual([watcher.calls, child.tree()], [['exited, not empty', 'empty'], []]);
    });

    test('an escapee (setsid, double fork) is found, killed, and only then the tree is empty', async (t) => {
      const stage = new Stage(t, { machine });
      writeFileSync(stage.file('escapee.sh'), `trap '' TERM HUP; echo $$ >${stage.file('escapee')}; ${forever}`);
      const { watcher, child } = await stage.sh(
        `setsid sh -c 'sh ${stage.file('escapee.sh')} & exit 0' & wait; exit 0`,
      );
      const pid = await until('the escapee is there', () => readPid(stage.file('escapee')));
      assert.equal((await watcher.end).treeEmpty, false);
      assert.ok(child.tree().includes(pid));
      child.askStop();
      assert.ok(isLiving(pid));
      child.killTree();
      await watcher.empty;
      assert.equal(isLiving(pid), false);
    });

    test('an orphan without any mark is found in the session', async (t) => {
      const stage = new Stage(t, { machine });
      const { child } = await stage.sh(
        `env -i /bin/sh -c 'sleep 1000 & echo $! >${stage.file('orphan')}'; sleep 1000 & wait`,
      );
      const orphan = await until('the orphan is there', () => readPid(stage.file('orphan')));
      assert.ok(child.tree().includes(orphan));
      child.killTree();
      await until('it is killed', () => !isLiving(orphan));
    });

    test('a bot that ignores SIGTERM dies with its tree, and the shim is spared to tell of it', async (t) => {
      const stage = new Stage(t, { machine });
      const { watcher, child } = await stage.sh(
        `trap '' TERM; sleep 1000 & echo $! >${stage.file('fork')}; ${forever}`,
      );
      const fork = await until('the fork is there', () => readPid(stage.file('fork')));
      child.askStop();
      assert.ok(child.tree().includes(fork));
      child.killTree();
      assert.deepEqual((await watcher.end).exit, { kind: 'signal', signal: 9 });
      if (watcher.calls[0] !== 'exited') await watcher.empty;
      assert.equal(isLiving(fork), false);
    });

    test('a stopped bot stops', async (t) => {
      const { watcher, child } = await new Stage(t, { machine }).sh(`trap 'exit 9' TERM; kill -STOP $$; ${forever}`);
      await until('it is stopped', () => / T /.test(read(`/proc/${child.pid}/stat`)));
      child.askStop();
      assert.deepEqual((await watcher.end).exit, { kind: 'code', code: 9 });
    });

    test('a bot whose whole group is stopped, shim and all, stops', async (t) => {
      const { watcher, child } = await new Stage(t, { machine }).sh(`trap 'exit 9' TERM; kill -STOP 0; ${forever}`);
      await until('it is stopped', () => / T /.test(read(`/proc/${child.pid}/stat`)));
      child.askStop();
      assert.deepEqual((await watcher.end).exit, { kind: 'code', code: 9 });
    });

    test('a signal to its whole group kills the bot, not the shim', async (t) => {
      const { watcher } = await new Stage(t, { machine }).sh('kill -TERM 0; sleep 1000');
      const { exit } = await watcher.end;
      assert.ok((exit.kind === 'signal' || exit.kind === 'either') && exit.signal === 15, JSON.stringify(exit));
    });

    test('zombies do not count', async (t) => {
      const stage = new Stage(t, { machine });
      // The program that takes over after exec knows nothing of the child that ends.
      const { child } = await stage.sh(`sleep 0.1 & echo $! >${stage.file('zombie')}; exec sleep 1000`);
      const zombie = await until('the child is there', () => readPid(stage.file('zombie')));
      await until('it is a zombie', () => / Z /.test(read(`/proc/${zombie}/stat`)));
      assert.deepEqual(child.tree(), [child.pid]);
    });

    test('signal reaches the main process', async (t) => {
      const stage = new Stage(t, { machine });
      const { watcher, child } = await stage.sh(`trap 'exit 12' USR1; : >${stage.file('armed')}; sleep 1000 & wait`);
      await until('the trap is set', () => existsSync(stage.file('armed')));
      assert.equal(child.signal('SIGUSR1'), true);
      assert.deepEqual((await watcher.end).exit, { kind: 'code', code: 12 });
    });

    test('release removes the run directory and lets the shim go', async (t) => {
      const stage = new Stage(t, { machine });
      const { watcher, child } = await stage.sh('exit 0');
      await watcher.end;
      const shim = stage.shim(1);
      await child.release();
      assert.equal(existsSync(stage.run(1)), false);
      await until('the shim is gone', () => !isLiving(shim));
      assert.deepEqual(stage.oddities, []);
    });

    test('release also ends a shim that cannot leave by itself', async (t) => {
      const stage = new Stage(t, { machine });
      const { child } = await stage.sh('exec sleep 1000');
      const shim = stage.shim(1);
      process.kill(shim, 'SIGSTOP');
      child.signal('SIGKILL');
      await until('nothing is left', () => child.tree().length === 0);
      assert.ok(isLiving(shim));
      await child.release();
      await until('the shim is gone', () => !isLiving(shim));
    });
  });
}

test('under a reaper an escapee without any mark is found too', async (t) => {
  const stage = new Stage(t);
  const { watcher, child } = await stage.sh(
    `env -i PATH="$PATH" setsid sh -c 'sleep 1000 & echo $! >${stage.file('escapee')}; exit 0' & wait; exit 0`,
  );
  const pid = await until('the escapee is there', () => readPid(stage.file('escapee')));
  assert.equal((await watcher.end).treeEmpty, false);
  const nap = await until('the shim naps', () => [...childrenOf(stage.shim(1))].find((at) => startedWith(at, napMark)));
  assert.equal(child.tree().includes(nap), false);
  await until('it is the whole tree', () => child.tree().join() === `${pid}`);
  child.killTree();
  await watcher.empty;
  assert.equal(isLiving(pid), false);
});

test('who abandoned a child is told nothing more, not even of what it kills', async (t) => {
  const stage = new Stage(t, { clock: fastClock });
  const { watcher, child } = await stage.sh(`sleep 1000 & echo $! >${stage.file('fork')}; exit 4`);
  await watcher.end;
  const fork = await until('the fork is there', () => readPid(stage.file('fork')));
  child.abandon();
  child.killTree();
  await until('the fork is gone', () => !isLiving(fork));
  await (await stage.sh('exit 0')).watcher.end;
  assert.deepEqual(watcher.calls, ['exited, not empty']);
});

test('where the kernel refuses a subreaper the shim is plain, and says so', async (t) => {
  assert.ok(machine.perl);
  // getpid(2) instead of prctl(2): anything but 0 is a refusal.
  const refused = { ...machine, perl: { ...machine.perl, prctl: process.arch === 'arm64' ? 172 : 39 } };
  const stage = new Stage(t, { machine: refused });
  const { watcher } = await stage.sh('exit 3');
  assert.deepEqual((await watcher.end).exit, { kind: 'code', code: 3 });
  assert.match(read(stage.run(1, 'shim')), /^plain \d+ /);
});
