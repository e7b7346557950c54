import type { Acting } from './acting.ts';
import type { Clock } from './clock.ts';
import type { Counting, CountingWish } from './counting.ts';
import type { Faults } from './faults/faults.ts';
import type { Playing } from './faults/playing.ts';
import type { FaultScript } from './faults/script.ts';
import type { SessionStartLimit } from './gateway/identify-budget.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Limits } from './limits.ts';
import type { LlmOptions } from './llm/routes.ts';
import type { Application, Channel, Message } from './world/model.ts';
import type { People } from './world/people.ts';
import type { ApplicationOptions, World } from './world/world.ts';

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
  /** Makes the faults with a probability or jitter repeatable; drawn unless given, and then to be read from the emulator. */
  readonly seed?: number | undefined;
  /** How many machines the gateway pretends to be; one unless given. `resume_gateway_url` names one of them. */
  readonly gatewayNodes?: number | undefined;
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
 * The gateway speaks version 10 in JSON: plain, `zlib-stream`, `zstd-stream` or with payloads compressed one by one.
 * The REST API has what ordinary bots use: users, guilds, members, roles, channels with permission overwrites, threads,
 * messages with files (to be read below `/attachments`), reactions, pins, commands, and the answers to interactions. It
 * checks permissions, fields and limits as Discord does: buckets per route and channel, guild or webhook, 50 calls a
 * second, and a ban of the address after 10,000 invalid requests. Every number is an option.
 *
 * Without a library, over HTTP in JSON, below `/emulator`; mistakes are answered with 400 or 404 and `{ "error": … }`:
 *
 * | request | what |
 * | --- | --- |
 * | `GET /applications`, `POST` `{ name?, guilds?, channels?, members?, privilegedIntents?, permissions? }` | the bots, with their tokens; a new one |
 * | `GET /applications/{id}/standing` | owners now and at most, IDENTIFYs left and until when |
 * | `GET /people`, `POST` `{ name }` | the people; one more |
 * | `GET /guilds`, `POST` `{ name, applicationIds? }` | the guilds; a new one with a channel and those bots |
 * | `POST /guilds/{id}/channels` `{ name }`, `/guilds/{id}/members` `{ applicationId }` or `{ name }` | a new channel; a bot or a person joins |
 * | `GET /channels`, `/channels/{id}/messages`, `/channels/{id}/members`, `/channels/{id}/commands` | all channels; what stands in one, oldest first; who is there; slash commands |
 * | `POST /direct-channels` `{ applicationId, author? }` | opens direct messages with a bot |
 * | `POST /say` `{ channelId, author?, content, mention?, replyTo? }` | a person writes in a channel |
 * | `POST /direct-messages` `{ applicationId, author?, content }` | a person writes to a bot |
 * | `PATCH`, `DELETE /channels/{id}/messages/{id}` `{ author?, content }` | a person changes or deletes a message of theirs |
 * | `POST`, `DELETE /channels/{id}/messages/{id}/reactions` `{ author?, emoji }` | a person reacts, or no longer |
 * | `POST /channels/{id}/typing` `{ author? }` | a person types |
 * | `POST /interactions` `{ applicationId, channelId, author?, command, options?, targetId?, wait? }` | a person uses a command such as `config set`; an option may be a file `{ name, contentType, base64 }` |
 * | `POST /components` `{ applicationId, channelId, author?, messageId, customId, values?, wait? }` | … presses a button or selects |
 * | `POST /modals` `{ interactionId, values?, wait? }` | … fills in the modal that an interaction was answered with |
 * | `POST /autocomplete` `{ applicationId, channelId, author?, command, options?, focused }` | what the bot offers while a person types |
 * | `GET /events` | server-sent events of the chat: messages, typing, presence, guilds and channels; `reset` when it cannot go on behind `Last-Event-ID` |
 * | `POST /count` `{ applicationId, channelId?, author?, total?, perSecond? }` | a person writes numbered messages |
 * | `GET /ledger?type&applicationId&connectionId&sessionId&event&after&limit` | entries, oldest first; `type` may be several, with commas |
 * | `GET /ledger/stream?…` | the same as server-sent events, from now on (after the `last` so many) or behind `Last-Event-ID`; `gap` when some were forgotten |
 * | `GET /ledger/export?…` | all that are held, as NDJSON |
 * | `GET /ledger/owners?applicationId&shard` | who served the application, and how many at once |
 * | `GET /ledger/effects?applicationId` | how many numbered messages were answered once, twice, never |
 * | `GET /faults`, `DELETE /faults`, `DELETE /faults/{id}` | the faults that stand; an end to all or to one |
 * | `GET /faults/kinds` | JSON Schema of every fault |
 * | `POST /faults` `{ fault, target?, count?, forMs?, probability?, … }` | sets a fault: see the table below |
 *
 * Without `count` and `forMs`, `close`, `drop`, `reconnect`, `invalidate` and `freeze` hit what serves now; with them also
 * what serves later. The others in the upper half of the table stand until they are used up or cleared; those in the
 * lower half take effect at once and do not stand. `probability` is decided by the emulator's seed. The target is an
 * application id or `*`, for everybody; faults of the model have the target `llm`.
 *
 * | fault | what goes wrong |
 * | --- | --- |
 * | `close` `code?` `reason?` `on?` | the connection is closed with a code; `on` is `hello`, `identify`, `resume` or `serving` |
 * | `drop` `on?` | TCP ends without a close frame |
 * | `reconnect` `on?` | op 7, in place of HELLO or while it serves |
 * | `invalidate` `resumable?` `on?` | op 9, in answer to IDENTIFY or RESUME or while it serves |
 * | `freeze` `part?` | nothing leaves any more, or no `acks`, or no `dispatches` |
 * | `refuse` | connections are turned away; those of one application when they say whose they are |
 * | `delay` `frame` `delayMs` | `hello` or `ready` comes late |
 * | `latency` `delayMs` `jitterMs?` `direction?` | frames to the bot (`down`), from it (`up`) or `both` take longer |
 * | `slow` `bytesPerSecond` `direction?` | frames are read or written in small pieces |
 * | `corrupt` `how` | a dispatch is `bad-json`, `bad-compression`, or `cut` together with the connection |
 * | `node-down` `node` `sessions?` | a gateway node dies; its sessions are `kept` or `lost` |
 * | `clock-offset` `offsetMs` | `reset_after` and the rate limit headers are wrong by that much |
 * | `rest-error` `route?` `status?` `scope?` `retryAfterMs?` `html?` | the API answers with an error; a route is such as `POST /channels/*\/messages` |
 * | `rest-latency` `route?` `delayMs` `jitterMs?`, `rest-hang` `route?`, `rest-cut` `route?` | it answers late, never, or half |
 * | `llm-error` `status?` `retryAfterMs?`, `llm-silence` `silenceMs?`, `llm-slow` `tokenMs`, `llm-cut`, `llm-split`, `llm-bad-json`, `llm-content-type` | the model fails, is silent or slow, its answer is cut, split inside a character, no JSON, HTML; each with `key?` (the API key) and `prompt?` (part of what the user said) |
 * | `thaw` | ends a freeze; what was kept back leaves |
 * | `request-heartbeat` | op 1 |
 * | `expire-session`, `forget-replay` | the session cannot be resumed any more; nothing before now can be replayed |
 * | `set-remaining` `remaining`, `reset-token` | so many IDENTIFYs are left today; the token is worth nothing any more |
 * | `privileged-intents` `allowed` | the privileged intents that are switched on: others end with 4014 at the next IDENTIFY |
 *
 * With `wait: true` the answer to an interaction has how the bot first reacted, after three seconds at the latest:
 * `{ id, response: { kind: 'message' | 'update' | 'modal' | 'none', … } }`.
 *
 * A page to chat by hand, to set faults and to watch the ledger is at `/`.
 */
export type Emulator = Acting & {
  /** Base of the REST API, such as `http://127.0.0.1:7430/api`. */
  readonly url: string;
  readonly gatewayUrl: string;
  /** Base of the OpenAI-compatible API, such as `http://127.0.0.1:7430/v1`. */
  readonly llmUrl: string;
  /** Where people chat. */
  readonly pageUrl: string;
  /** What the random decisions of faults follow from. */
  readonly seed: number;
  readonly ledger: Ledger;
  /** Guilds, channels, roles, members, voice: whatever is changed here, the bots hear of as they would on Discord. */
  readonly world: World;
  /** What people do besides `say`: change and delete what they wrote, react. */
  readonly people: People;
  readonly faults: Faults;
  createApplication(options?: ApplicationOptions): Application;
  applications(): readonly Application[];
  channels(): readonly Channel[];
  /** Oldest first, ephemeral ones included. @throws EmulatorError when there is no such channel */
  messages(channelId: string): readonly Message[];
  /** Whether people see the bot: it has a session, served or resumable, and does not hide. */
  isOnline(applicationId: string): boolean;
  /** What `GET /gateway/bot` tells the bot: how many IDENTIFYs it has left today, and when that ends. */
  sessionStartLimit(applicationId: string): SessionStartLimit;
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
  /**
   * Writes numbered messages (`#1 of 100`) to a bot as a person: 100, ten per second, in its first channel unless told.
   * `ledger.effects` tells which of them it answered once, twice or never: it replies to them or,
   * replying to nothing, names their number. What people number themselves does not count.
   * Numbering goes on where it ended the last time. @throws EmulatorError
   */
  count(wanted: CountingWish): Counting;
  /** Takes the steps of a fault script that `checkScript` found sound. */
  play(script: FaultScript): Playing;
  /** Ends every connection and frees the port. A second call does nothing. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};
