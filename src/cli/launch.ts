import { spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DroasError, isErrorCode } from '../core/errors.ts';
import { formatDuration } from '../core/units.ts';
import type { InfoView, Problem } from '../protocol/api.ts';
import type { Context } from './context.ts';
import { pause } from './waiting.ts';

const lookEveryMs = 25;
const lastLines = 20;

/**
 * Starts the supervisor as a process and session of its own and waits until it takes orders. It says what happens to it
 * in `daemon.log` of the state directory; when it ends before it was ready, that is where the reason is found.
 * @throws DroasError what the supervisor failed with; NOT_FINISHED when it takes longer than `timeoutMs`
 */
export async function launch(
  { client, terminal, wiring, stateDirectory }: Context,
  configPath: string,
  timeoutMs: number,
): Promise<InfoView> {
  const logPath = join(stateDirectory, 'daemon.log');
  const log = openLog(stateDirectory, logPath);
  const from = fstatSync(log).size;
  const [program, ...args] = [...wiring.self, 'daemon', '--json', '--state', stateDirectory, '--config', configPath];
  const child = spawn(program ?? process.execPath, args, {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
    env: ownEnvironment(terminal.env),
  });
  closeSync(log);
  const ended = new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  let end: number | string | null = null;
  void ended.then((how) => {
    end = how;
  });
  const deadlineMs = performance.now() + timeoutMs;
  while (end === null && performance.now() < deadlineMs) {
    if (await isReady(client)) {
      child.unref();
      return client.get<InfoView>('/api/v1/info');
    }
    await Promise.race([pause(lookEveryMs), ended]);
  }
  child.unref();
  if (end !== null) throw failureFrom(readFileSync(logPath).subarray(from).toString(), end, logPath);
  throw new DroasError(
    'NOT_FINISHED',
    `The supervisor (pid ${child.pid}) is not ready after ${formatDuration(timeoutMs)}.`,
    {
      remedy: `It goes on by itself; its log is ${logPath}.`,
    },
  );
}

function openLog(directory: string, path: string): number {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return openSync(path, 'a', 0o600);
  } catch (cause) {
    throw new DroasError(
      'STATE_UNWRITABLE',
      `The state directory ${directory} cannot be written: ${(cause as Error).message}`,
      {
        cause,
        remedy: 'Choose a writable one with --state.',
      },
    );
  }
}

/** Started from inside a bot, the supervisor must not look like a process of that bot. */
const ownEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(([key]) => !/^DROAS_(RUN|BOT|SOCKET|SECRETS|KEY|FENCING_TOKEN)$/.test(key)),
  );

async function isReady(client: Context['client']): Promise<boolean> {
  try {
    await client.get('/readyz');
    return true;
  } catch {
    return false;
  }
}

/** The problem that the supervisor wrote last, or, when it wrote none, its last lines. */
function failureFrom(text: string, end: number | string, logPath: string): DroasError {
  const lines = text.split('\n').filter((line) => line !== '');
  const problem = lines.map(asProblem).findLast((found) => found !== null);
  if (problem) {
    const details = problem.errors.map(({ pointer, detail }) => ({ where: pointer, what: detail }));
    if (isErrorCode(problem.code)) {
      return new DroasError(problem.code, problem.detail, {
        details,
        ...(problem.remedy === null ? {} : { remedy: problem.remedy }),
      });
    }
  }
  return new DroasError(
    'DAEMON_UNREACHABLE',
    `The supervisor ended before it was ready (${typeof end === 'number' ? `exit code ${end}` : end}).`,
    {
      details: lines.slice(-lastLines).map((what) => ({ where: 'daemon.log', what })),
      remedy: `Its log is ${logPath}.`,
    },
  );
}

function asProblem(line: string): Problem | null {
  try {
    const value = JSON.parse(line);
    return typeof value?.detail === 'string' && Array.isArray(value.errors) ? value : null;
  } catch {
    return null;
  }
}
