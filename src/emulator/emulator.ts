import type { Clock } from './clock.ts';
import type { Faults } from './faults.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Limits } from './limits.ts';
import type { LlmOptions } from './llm/routes.ts';
import type { Application, Channel, Interaction, Message } from './world/model.ts';
import type { ApplicationOptions } from './world/world.ts';

export type EmulatorOptions = Partial<Limits> & {
  readonly host?: string | undefined;
  /** 0, a free one, unless given. */
  readonly port?: number | undefined;
  /** Whoever reaches the port may do anything to the bots here; so any host beyond this machine has to be asked for. */
  readonly allowRemote?: boolean | undefined;
  readonly clock?: Clock | undefined;
  /** How many entries the ledger holds; counts and owners stay exact beyond. */
  readonly ledgerEntries?: number | undefined;
  readonly llm?: LlmOptions | undefined;
};

export type Utterance = {
  readonly content: string;
  /** Name of the person who writes; "you" unless given. A new name is a new person. */
  readonly author?: string | undefined;
};

/**
 * An emulated Discord: gateway version 10 and the REST API that bots use, an OpenAI-compatible endpoint that runs no
 * model, and a ledger of what really happened. It takes only tokens that it made itself (`createApplication`), and needs
 * no account and no network.
 *
 * Point a bot at `url` (the base of the REST API; `GET /gateway/bot` tells it the rest), and talk to it:
 *
 * ```ts
 * const emulator = await createEmulator();
 * const { token, id, channelIds: [channelId = ''] } = emulator.createApplication({ name: 'greeter' });
 * const rest = new REST({ api: emulator.url }).setToken(token);
 * emulator.say({ channelId, content: 'hello', mention: id });
 * emulator.ledger.count('identify', id);
 * await emulator.close();
 * ```
 *
 * Without a library, over HTTP in JSON, below `/emulator`; mistakes are answered with 400 or 404 and `{ "error": … }`:
 *
 * | request | what |
 * | --- | --- |
 * | `GET /applications`, `POST` `{ name?, guilds?, channels?, privilegedIntents? }` | the bots, with their tokens; a new one |
 * | `GET /channels`, `GET /channels/{id}/messages` | all channels; what stands in one, oldest first |
 * | `POST /say` `{ channelId, author?, content, mention?, replyTo? }` | a person writes in a channel |
 * | `POST /direct-messages` `{ applicationId, author?, content }` | a person writes to a bot |
 * | `POST /interactions` `{ applicationId, channelId, author?, command, options? }` | a person uses a slash command |
 * | `GET /ledger?type&applicationId&connectionId&sessionId&event&after&limit` | entries, oldest first |
 * | `GET /ledger/owners?applicationId` | who served the application, and how many at once |
 * | `POST /faults` `{ applicationId, fault, … }` | `close` (`code?`), `drop`, `freeze`, `thaw`, `reconnect`, `invalidate` (`resumable?`), `refuse` (`count`), `refuse-for` (`ms`); the application `*` is all |
 *
 * A page to chat by hand is at `/`.
 */
export type Emulator = {
  /** Base of the REST API, such as `http://127.0.0.1:7430/api`. */
  readonly url: string;
  readonly gatewayUrl: string;
  /** Base of the OpenAI-compatible API, such as `http://127.0.0.1:7430/v1`. */
  readonly llmUrl: string;
  /** Where people chat. */
  readonly pageUrl: string;
  readonly ledger: Ledger;
  readonly faults: Faults;
  createApplication(options?: ApplicationOptions): Application;
  applications(): readonly Application[];
  channels(): readonly Channel[];
  /** Oldest first, ephemeral ones included. @throws EmulatorError when there is no such channel */
  messages(channelId: string): readonly Message[];
  /** Whether people see the bot: it has a session, served or resumable, and does not hide. */
  isOnline(applicationId: string): boolean;
  /** Writes as a person; `mention` (an application) puts its mention in front. @throws EmulatorError */
  say(
    utterance: Utterance & {
      readonly channelId: string;
      readonly mention?: string | undefined;
      readonly replyTo?: string | undefined;
    },
  ): Message;
  /** Writes to a bot as a person. @throws EmulatorError */
  directMessage(utterance: Utterance & { readonly applicationId: string }): Message;
  /** Uses a slash command that the application has registered. @throws EmulatorError */
  interact(use: {
    readonly applicationId: string;
    readonly channelId: string;
    readonly command: string;
    readonly author?: string | undefined;
    readonly options?: Readonly<Record<string, string | number | boolean>> | undefined;
  }): Interaction;
  /** Ends every connection and frees the port. A second call does nothing. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};
