import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChannelsOptions, createChannels } from '../../src/adapters/socket/index.ts';
import type { Channel } from '../../src/ports/channel.ts';
import type { FromChild } from '../../src/protocol/child.ts';
import { RawClient } from './raw-client.ts';

export type Heard =
  | { readonly type: 'connected' | 'disconnected' }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'message'; readonly message: FromChild };

/** A channel of bot `music`, incarnation 7, in a directory of its own, with everything that its listener heard. */
export class OpenChannel implements AsyncDisposable {
  readonly directory: string;
  readonly key: string;
  readonly run = 'run-7';
  readonly heard: Heard[] = [];
  readonly #news = new EventEmitter();
  #channel: Channel | null = null;

  private constructor(directory: string, key: string) {
    this.directory = directory;
    this.key = key;
  }

  static async open(
    limits: ChannelsOptions['limits'] = {},
    where?: { directory: string; key: string },
    { heartbeatMs = 5000 } = {},
  ): Promise<OpenChannel> {
    const key = where?.key ?? randomBytes(24).toString('base64url');
    const open = new OpenChannel(where?.directory ?? mkdtempSync(join(tmpdir(), 'droas-socket-')), key);
    const channels = createChannels({ directory: open.directory, limits });
    const keyHash = createHash('sha256').update(key).digest('hex');
    const hear = (heard: Heard) => {
      open.heard.push(heard);
      open.#news.emit('heard');
    };
    open.#channel = await channels.open(
      { bot: 'music', incarnation: 7, keyHash, heartbeatMs },
      {
        message: (message) => hear({ type: 'message', message }),
        refused: (reason) => hear({ type: 'refused', reason }),
        connected: () => hear({ type: 'connected' }),
        disconnected: () => hear({ type: 'disconnected' }),
      },
    );
    return open;
  }

  get channel(): Channel {
    if (!this.#channel) throw new Error('not open yet');
    return this.#channel;
  }

  get types(): readonly string[] {
    return this.heard.map(({ type }) => type);
  }

  get refusals(): readonly string[] {
    return this.heard.flatMap((heard) => (heard.type === 'refused' ? [heard.reason] : []));
  }

  get messages(): readonly FromChild[] {
    return this.heard.flatMap((heard) => (heard.type === 'message' ? [heard.message] : []));
  }

  async until(fact: () => boolean): Promise<void> {
    while (!fact()) await once(this.#news, 'heard', { signal: AbortSignal.timeout(5_000) });
  }

  /** A client that has said a valid hello and got its welcome. */
  async child(): Promise<RawClient> {
    const client = await RawClient.connect(this.channel.path);
    client.hello({ run: this.run, key: this.key });
    const answer = await client.answer();
    if (!answer?.['result']) throw new Error(`no welcome: ${JSON.stringify(answer)}`);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.channel.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
