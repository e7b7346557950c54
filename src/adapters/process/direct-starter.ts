import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { ShimStart, Starter } from './starter.ts';

/** Forks this process for each shim: needs nothing of the machine, and costs what forking a large process costs. */
export const directStarter: Starter = {
  start(shim, ended) {
    let child: ChildProcess;
    try {
      child = spawnShim(shim);
    } catch (error) {
      const later = setImmediate(() => ended(error as Error));
      return { forget: () => clearImmediate(later), kill() {} };
    }
    let tell = ended;
    child.once('error', (error) => tell(error));
    child.once('exit', (code, signal) => tell(`its shim ended (${signal ?? `exit ${code}`})`));
    return {
      forget() {
        tell = () => {};
      },
      kill: () => void child.kill('SIGKILL'),
    };
  },
  close() {},
};

function spawnShim({ argv: [file, ...args], cwd, env, spools }: ShimStart): ChildProcess {
  const out = openSync(spools.out, 'a', 0o600);
  try {
    const err = openSync(spools.err, 'a', 0o600);
    try {
      const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', out, err] });
      child.unref();
      return child;
    } finally {
      closeSync(err);
    }
  } finally {
    closeSync(out);
  }
}
