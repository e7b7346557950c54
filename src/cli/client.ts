import type { Agent, IncomingMessage } from 'node:http';
import { codeOf, type Detail, DroasError, isErrorCode } from '../core/errors.ts';
import type { InfoView, Problem } from '../protocol/api.ts';
import { type Message, messages } from './sse.ts';

/**
 * Loaded at the first question, and not by `import`: that would touch every export, the lazy WebSocket among them, and
 * so load undici for 80 ms and 15 MB.
 */
const http = () => process.getBuiltinModule('node:http');

type Method = 'GET' | 'POST' | 'DELETE';

/** The supervisor's REST interface, over its Unix socket. */
export class Client {
  readonly socketPath: string;
  #agent: Agent | undefined;

  constructor(socketPath: string) {
    this.socketPath = socketPath;
  }

  /**
   * The answer's JSON. No limit of time: whoever asks to `wait` says for how long, and a supervisor that dies closes
   * the connection.
   * @throws DroasError with the code of the problem that was answered; DAEMON_UNREACHABLE, NOT_ALLOWED
   */
  async ask<T>(method: Method, path: string, body?: unknown): Promise<T> {
    const text = await whole(await this.#send(method, path, {}, body), this.socketPath);
    return (text === '' ? null : JSON.parse(text)) as T;
  }

  get<T>(path: string): Promise<T> {
    return this.ask('GET', path);
  }

  /** What answers there; null when nobody does. */
  async info(): Promise<InfoView | null> {
    try {
      return await this.get<InfoView>('/api/v1/info');
    } catch (error) {
      if (codeOf(error) === 'DAEMON_UNREACHABLE') return null;
      throw error;
    }
  }

  /** The messages of a stream until it ends. @throws like `ask` */
  async *stream(path: string, lastId?: string): AsyncGenerator<Message> {
    const headers = { accept: 'text/event-stream', ...(lastId === undefined ? {} : { 'last-event-id': lastId }) };
    const answer = await this.#send('GET', path, headers);
    try {
      yield* messages(answer.setEncoding('utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
    } finally {
      answer.destroy();
    }
  }

  async #send(method: Method, path: string, headers: Record<string, string>, body?: unknown): Promise<IncomingMessage> {
    const json = body === undefined ? undefined : JSON.stringify(body);
    const { Agent, request } = http();
    this.#agent ??= new Agent({ keepAlive: true, maxSockets: 64 });
    const agent = this.#agent;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request({
        socketPath: this.socketPath,
        agent,
        method,
        path,
        headers: { ...headers, ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
      });
      asked.once('response', resolve);
      asked.once('error', (error) => reject(unreachable(this.socketPath, error)));
      asked.end(json);
    });
    if ((answer.statusCode ?? 500) < 400) return answer;
    throw refusal(await whole(answer, this.socketPath), answer.statusCode ?? 500);
  }

  /** Lets go of idle connections, so that the process can end. */
  close(): void {
    this.#agent?.destroy();
  }
}

async function whole(answer: IncomingMessage, socketPath: string): Promise<string> {
  let text = '';
  try {
    for await (const chunk of answer.setEncoding('utf8')) text += chunk;
  } catch (error) {
    throw unreachable(socketPath, error as Error);
  }
  return text;
}

/** What a failed connection means. */
export function unreachable(socketPath: string, cause: NodeJS.ErrnoException): DroasError {
  if (cause.code === 'EACCES' || cause.code === 'EPERM') {
    return new DroasError('NOT_ALLOWED', `This user may not use the supervisor's socket ${socketPath}.`, {
      cause,
      remedy: 'Run the command as the user that runs the supervisor.',
    });
  }
  return new DroasError(
    'DAEMON_UNREACHABLE',
    `No supervisor answers on ${socketPath} (${cause.code ?? cause.message}).`,
    {
      cause,
      remedy: 'Start it with: droas up -d — or name its socket with --host or its directory with --state.',
    },
  );
}

/** The error that a problem document describes. */
function refusal(text: string, status: number): DroasError {
  let problem: Partial<Problem> = {};
  try {
    problem = JSON.parse(text);
  } catch {
    // Not ours: the status is all there is to say.
  }
  const details: Detail[] = (problem.errors ?? []).map(({ pointer, detail }) => ({ where: pointer, what: detail }));
  const options = { details, ...(problem.remedy ? { remedy: problem.remedy } : {}) };
  if (isErrorCode(problem.code)) return new DroasError(problem.code, problem.detail ?? '', options);
  return new DroasError('INTERNAL', `The supervisor answered with status ${status}.`, options);
}
