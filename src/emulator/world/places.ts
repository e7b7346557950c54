import { randomBytes } from 'node:crypto';
import { Conversations } from './conversations.ts';
import type { Application, Channel, Guild, Message, Thread, User, VoiceState } from './model.ts';
import { channelType, messageFlag } from './model.ts';

export type ChannelOptions = Pick<Channel, 'name'> & Partial<Pick<Channel, 'type' | ChangeableOfChannel>>;
export type ChannelChange = Partial<Pick<Channel, ChangeableOfChannel>> & { readonly position?: number };
type ChangeableOfChannel = 'name' | 'topic' | 'nsfw' | 'slowmodeSeconds' | 'parentId' | 'overwrites' | 'userLimit';

export type ThreadOptions = Pick<Channel, 'name'> & {
  readonly owner: User;
  /** Public unless told. */
  readonly type?: number | undefined;
  /** The message it begins with. */
  readonly message?: Message | undefined;
  readonly autoArchiveMinutes?: number | undefined;
};
export type ThreadChange = Partial<
  Pick<Channel, 'name' | 'slowmodeSeconds'> & Pick<Thread, 'archived' | 'locked' | 'autoArchiveMinutes'>
>;

/** `channelId` null leaves. People need no session. */
export type VoiceChange = Pick<VoiceState, 'channelId'> &
  Partial<Pick<VoiceState, 'selfMute' | 'selfDeaf' | 'sessionId'>>;

/** Where people meet: the channels of guilds, their threads, direct messages; and who is there by voice. */
export class Places extends Conversations {
  readonly #directChannels = new Map<string, Channel>();

  /** The channel for direct messages between a bot and a person, opened when it is first needed. */
  direct(application: Application, person: User): Channel {
    const key = `${application.id} ${person.id}`;
    const known = this.#directChannels.get(key);
    if (known) return known;
    const channel = this.addChannel(null, {
      name: person.name,
      type: channelType.direct,
      direct: { applicationId: application.id, person },
    });
    this.#directChannels.set(key, channel);
    return channel;
  }

  createChannel(guild: Guild, options: ChannelOptions): Channel {
    const channel = this.addChannel(guild, options);
    this.publish({ type: 'channel-created', channel });
    return channel;
  }

  protected addChannel(
    guild: Guild | null,
    options: ChannelOptions & Partial<Pick<Channel, 'id' | 'direct' | 'thread'>>,
  ): Channel {
    const channel: Channel = {
      id: this.ids.next(),
      type: channelType.text,
      topic: null,
      nsfw: false,
      slowmodeSeconds: 0,
      parentId: null,
      overwrites: [],
      userLimit: 0,
      direct: null,
      thread: null,
      ...options,
      guild,
      messages: [],
      pinnedMs: null,
    };
    this.channelsById.set(channel.id, channel);
    if (guild) (channel.thread ? guild.threadIds : guild.channelIds).push(channel.id);
    return channel;
  }

  /** `position` moves it among the channels of its guild. */
  updateChannel(channel: Channel, { position, ...change }: ChannelChange): void {
    Object.assign(channel, change);
    const ids = channel.guild?.channelIds;
    if (ids && position !== undefined) {
      ids.splice(ids.indexOf(channel.id), 1);
      ids.splice(position, 0, channel.id);
    }
    this.publish({ type: 'channel-updated', channel });
  }

  /** Who was in there by voice has left before; its threads go with it. */
  deleteChannel(channel: Channel): void {
    const { guild } = channel;
    for (const { channelId, user } of guild?.voiceStates.values() ?? [])
      if (guild && channelId === channel.id) this.setVoiceState(guild, user, { channelId: null });
    for (const id of guild?.threadIds.filter((one) => this.channel(one).thread?.parentId === channel.id) ?? [])
      this.#removeChannel(this.channel(id));
    this.#removeChannel(channel);
    this.publish({ type: 'channel-deleted', channel });
  }

  #removeChannel({ id, guild, thread, direct }: Channel): void {
    this.channelsById.delete(id);
    if (direct) this.#directChannels.delete(`${direct.applicationId} ${direct.person.id}`);
    const ids = thread ? guild?.threadIds : guild?.channelIds;
    ids?.splice(ids.indexOf(id), 1);
  }

  /** Its owner has joined it. One that begins with a message has that message's id. */
  createThread(parent: Channel, options: ThreadOptions): Channel {
    const { owner, message, name, type = channelType.publicThread, autoArchiveMinutes = 4320 } = options;
    const nowMs = this.clock.wallMs();
    const channel = this.addChannel(parent.guild, {
      ...(message ? { id: message.id } : {}),
      name,
      type,
      thread: {
        parentId: parent.id,
        ownerId: owner.id,
        members: new Map([[owner.id, nowMs]]),
        archived: false,
        locked: false,
        autoArchiveMinutes,
        archiveChangedMs: nowMs,
      },
    });
    this.publish({ type: 'channel-created', channel });
    this.publish({ type: 'thread-members', channel, added: [owner], removed: [] });
    if (message) {
      message.threadId = channel.id;
      message.flags |= messageFlag.hasThread;
      this.publish({ type: 'message-updated', channel: parent, message });
    }
    return channel;
  }

  updateThread(channel: Channel, { name, slowmodeSeconds, ...change }: ThreadChange): void {
    const { thread } = channel;
    if (!thread) return;
    if (change.archived !== undefined && change.archived !== thread.archived)
      thread.archiveChangedMs = this.clock.wallMs();
    Object.assign(thread, change);
    this.updateChannel(channel, {
      ...(name === undefined ? {} : { name }),
      ...(slowmodeSeconds === undefined ? {} : { slowmodeSeconds }),
    });
  }

  joinThread(channel: Channel, user: User): void {
    if (!channel.thread || channel.thread.members.has(user.id)) return;
    channel.thread.members.set(user.id, this.clock.wallMs());
    this.publish({ type: 'thread-members', channel, added: [user], removed: [] });
  }

  leaveThread(channel: Channel, user: User): void {
    if (channel.thread?.members.delete(user.id))
      this.publish({ type: 'thread-members', channel, added: [], removed: [user] });
  }

  /** A member enters a voice channel, moves, changes how it takes part, or leaves. */
  setVoiceState(guild: Guild, user: User, change: VoiceChange): void {
    const before = guild.voiceStates.get(user.id);
    const member = guild.members.get(user.id);
    if (!member || (!before && change.channelId === null)) return;
    const made = { user, sessionId: randomBytes(16).toString('hex'), selfMute: false, selfDeaf: false };
    const state: VoiceState = { ...made, ...before, ...change };
    if (change.channelId === null) guild.voiceStates.delete(user.id);
    else guild.voiceStates.set(user.id, state);
    const hasMoved = before?.channelId !== state.channelId;
    this.publish({ type: 'voice-state', guild, member, state, hasMoved });
  }
}
