import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import {
  type Application,
  createEmulator,
  type Emulator,
  type EmulatorOptions,
  type Message,
} from '../../src/emulator/index.ts';
import type { AssistantSettings, BudgetLimits } from '../../src/protocol/assistant.ts';
import type { gateway } from '../../src/protocol/child.ts';
import { assistantCommand } from '../../src/runtime/assistant-command.ts';
import { environmentOf } from '../bot/supervised.ts';
import { OpenChannel } from '../socket/open-channel.ts';

export type Setup = {
  readonly emulator?: EmulatorOptions;
  readonly settings?: Partial<AssistantSettings>;
  readonly llm?: Partial<AssistantSettings['llm']>;
  /** Runs the sources, as coverage needs it; else what the last build made of them, which starts in a third of the time. */
  readonly fromSource?: boolean;
  /** For Node, when it runs the sources. */
  readonly nodeOptions?: readonly string[];
  /** Instead of the application's own token. */
  readonly token?: string;
  /** Does something to the emulator before the assistant starts. */
  readonly prepare?: (emulator: Emulator, application: Application) => Promise<void>;
};

/** No bounds, for tests of something else. */
export const unlimited: BudgetLimits = { user: null, guild: null, requestsPerDay: null, tokensPerDay: null };

const distDirectory = join(import.meta.dirname, '../../dist');
const main = join(import.meta.dirname, '../../src/assistant/main.ts');
/** A machine that does other things, too, may need so long to start a program. */
const patienceMs = 20_000;

/** The assistant as a process of its own, between an emulated Discord and the supervisor's end of its socket. */
export class LiveAssistant implements AsyncDisposable {
  readonly emulator: Emulator;
  readonly application: Application;
  readonly supervisor: OpenChannel;
  readonly process: ChildProcess;
  readonly secret = 'llm-key-that-nobody-may-see';
  output = '';
  readonly #exited: Promise<[number | null, NodeJS.Signals | null]>;
  #channels = 0;
  readonly #news = new EventEmitter().setMaxListeners(100);

  private constructor(emulator: Emulator, application: Application, supervisor: OpenChannel, setup: Setup) {
    this.emulator = emulator;
    this.application = application;
    this.supervisor = supervisor;
    const settings: AssistantSettings = {
      llm: {
        baseUrl: emulator.llmUrl,
        model: 'emulated',
        maxTokens: 5_000,
        temperature: 0.5,
        timeoutMs: 5_000,
        budget: unlimited,
        ...setup.llm,
      },
      spent: null,
      systemPrompt: 'You are kind.',
      prompts: {},
      guilds: null,
      directMessages: true,
      conversationMessages: 4,
      conversationTokens: 6_000,
      conversationChannels: 50,
      discordApi: emulator.url,
      ...setup.settings,
    };
    const env = environmentOf(supervisor, {
      DISCORD_TOKEN: setup.token ?? application.token,
      LLM_KEY: this.secret,
      DROAS_ASSISTANT: JSON.stringify(settings),
    });
    const built = () =>
      assistantCommand({ node: process.execPath, distDirectory, secretsFile: env['DROAS_SECRETS'] ?? '' });
    const [program, ...args] = setup.fromSource ? [process.execPath, ...(setup.nodeOptions ?? []), main] : built();
    const { NODE_V8_COVERAGE } = process.env;
    const measured = setup.fromSource && NODE_V8_COVERAGE ? { NODE_V8_COVERAGE } : {};
    this.process = spawn(program, args, {
      env: { ...env, ...measured },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        this.#news.emit('news');
      });
    }
    // 'close' comes when the output is complete, too.
    this.#exited = once(this.process, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    emulator.ledger.onEntry(() => queueMicrotask(() => this.#news.emit('news')));
  }

  static async start(setup: Setup = {}): Promise<LiveAssistant> {
    const emulator = await createEmulator({ messageCalls: 100, ...setup.emulator });
    const application = emulator.createApplication({ name: 'helper', guilds: 2, channels: 10 });
    await setup.prepare?.(emulator, application);
    return new LiveAssistant(emulator, application, await OpenChannel.open(), setup);
  }

  /** … and wait until it serves. */
  static async serving(setup: Setup = {}): Promise<LiveAssistant> {
    const live = await LiveAssistant.start(setup);
    try {
      await live.until(() => live.output.includes('INFO ready'));
      await live.supervisor.until(() => live.supervisor.messages.some(({ method }) => method === 'ready'));
      return live;
    } catch (cause) {
      await live[Symbol.asyncDispose]();
      throw new Error(`the assistant did not get ready; it said: ${live.output}`, { cause });
    }
  }

  /** A channel that no test has used. */
  nextChannel(): string {
    return this.application.channelIds[this.#channels++] ?? assert.fail('more channels, please');
  }

  get reports(): readonly ReturnType<(typeof gateway)['parse']>[] {
    return this.supervisor.messages.flatMap((message) => (message.method === 'gateway' ? [message.params] : []));
  }

  /** Resolves when the fact holds; looked at whenever the ledger or the output grows. */
  async until(fact: () => boolean): Promise<void> {
    const signal = AbortSignal.timeout(patienceMs);
    while (!fact()) await once(this.#news, 'news', { signal });
  }

  count(type: Parameters<Emulator['ledger']['count']>[0]): number {
    return this.emulator.ledger.count(type, this.application.id);
  }

  /** What the assistant said in a channel, oldest first. */
  said(channel: string): readonly Message[] {
    return this.emulator.messages(channel).filter(({ author }) => author.id === this.application.id);
  }

  mention(channelId: string, content: string): Message {
    return this.emulator.say({ channelId, content, mention: this.application.id });
  }

  /** Resolves when the log says so, so many times for this channel: an answer is logged when all of it is posted. */
  logged(channel: string, what: string, times = 1): Promise<void> {
    const ofChannel = (line: string) => line.includes(`channel=${channel} `) || line.endsWith(`channel=${channel}`);
    return this.until(
      () => this.output.split('\n').filter((line) => line.includes(what) && ofChannel(line)).length >= times,
    );
  }

  /** Asks, and resolves with everything said in the channel when the answer is complete. */
  async ask(channel: string, question: string): Promise<readonly string[]> {
    const answers = this.output.split(`INFO answered channel=${channel} `).length;
    this.mention(channel, question);
    await this.logged(channel, 'INFO answered', answers);
    return this.said(channel).map(({ content }) => content);
  }

  async exit(): Promise<number | NodeJS.Signals | null> {
    const [code, signal] = await this.#exited;
    return code ?? signal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Asked first, because a process that is killed leaves no coverage.
    this.process.kill('SIGTERM');
    const patience = setTimeout(() => this.process.kill('SIGKILL'), patienceMs);
    await this.#exited;
    clearTimeout(patience);
    await this.emulator.close();
    await this.supervisor[Symbol.asyncDispose]();
  }
}
