import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import type { ProbeResult, Prober } from '../../ports/prober.ts';

const passed: ProbeResult = { outcome: 'passed', detail: null };
const failed = (detail: string): ProbeResult => ({ outcome: 'failed', detail });
const broken = (detail: string): ProbeResult => ({ outcome: 'broken', detail });

/** Descriptors or processes that the supervisor itself lacks: the child is not to blame. */
const ourFault = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM', 'ENOENT', 'EACCES']);
const verdictOf = (error: NodeJS.ErrnoException): ProbeResult =>
  error.code !== undefined && ourFault.has(error.code) ? broken(error.message) : failed(error.message);

/** `environment` is all that an exec probe gets. */
export function createProber(environment: Readonly<Record<string, string>>): Prober {
  return {
    probe(target, timeoutMs) {
      switch (target.kind) {
        case 'tcp':
          return probeTcp(target.host, target.port, timeoutMs);
        case 'http':
          return probeHttp(target.url, timeoutMs);
        case 'exec':
          return probeExec(target.command, target.cwd, environment, timeoutMs);
        default:
          return target satisfies never;
      }
    },
  };
}

function probeTcp(host: string, port: number, timeoutMs: number): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (result: ProbeResult): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end(failed(`${host}:${port} did not accept within ${timeoutMs} ms`)), timeoutMs);
    socket.once('connect', () => end(passed));
    socket.once('error', (error) => end(verdictOf(error)));
  });
}

/** Loaded when it is needed, and not by `import`: that evaluates every export of the module, which costs 16 MB. */
function probeHttp(url: string, timeoutMs: number): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const { get } = process.getBuiltinModule(url.startsWith('https:') ? 'node:https' : 'node:http');
    const request = get(url, { agent: false }, (response) => {
      const { statusCode = 0 } = response;
      end(statusCode >= 200 && statusCode < 400 ? passed : failed(`${url} answered ${statusCode}`));
    });
    const end = (result: ProbeResult): void => {
      clearTimeout(timer);
      request.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end(failed(`${url} did not answer within ${timeoutMs} ms`)), timeoutMs);
    request.on('error', (error) => end(verdictOf(error)));
  });
}

function probeExec(
  command: readonly [string, ...string[]],
  cwd: string,
  env: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<ProbeResult> {
  const [program, ...args] = command;
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      { cwd, env: { ...env }, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 },
      (error) => {
        if (error === null) resolve(passed);
        else if (error.killed === true) resolve(failed(`${program} did not end within ${timeoutMs} ms`));
        else if (typeof error.code === 'number') resolve(failed(`${program} exited with code ${error.code}`));
        else resolve(verdictOf(error as NodeJS.ErrnoException));
      },
    );
  });
}
