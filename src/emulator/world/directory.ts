import { EmulatorError } from '../errors.ts';
import type { Application, Channel, Guild, Message, User } from './model.ts';
import { channelType } from './model.ts';
import { allPermissions, permission, permissionsWith } from './permissions.ts';

/** Who and what exists, and how to find it. */
export class Directory {
  protected readonly applicationsById = new Map<string, Application>();
  protected readonly applicationsByToken = new Map<string, Application>();
  protected readonly guildsById = new Map<string, Guild>();
  protected readonly channelsById = new Map<string, Channel>();
  protected readonly usersById = new Map<string, User>();
  protected readonly peopleByName = new Map<string, User>();

  applications(): readonly Application[] {
    return [...this.applicationsById.values()];
  }

  guilds(): readonly Guild[] {
    return [...this.guildsById.values()];
  }

  /** Threads and direct messages included. */
  channels(): readonly Channel[] {
    return [...this.channelsById.values()];
  }

  people(): readonly User[] {
    return [...this.peopleByName.values()];
  }

  applicationWithToken(token: string): Application | undefined {
    return this.applicationsByToken.get(token);
  }

  findApplication(id: string): Application | undefined {
    return this.applicationsById.get(id);
  }

  findGuild(id: string): Guild | undefined {
    return this.guildsById.get(id);
  }

  findChannel(id: string): Channel | undefined {
    return this.channelsById.get(id);
  }

  findUser(id: string): User | undefined {
    return this.usersById.get(id);
  }

  findMessage(channel: Channel, id: string): Message | undefined {
    return channel.messages.findLast((message) => message.id === id);
  }

  /** @throws EmulatorError when there is none */
  application(id: string): Application {
    return found(this.applicationsById.get(id), 'application', id);
  }

  /** @throws EmulatorError when there is none */
  guild(id: string): Guild {
    return found(this.guildsById.get(id), 'guild', id);
  }

  /** @throws EmulatorError when there is none */
  channel(id: string): Channel {
    return found(this.channelsById.get(id), 'channel', id);
  }

  /** The applications whose bots are in that guild. */
  applicationsIn(guild: Guild): readonly Application[] {
    return this.applications().filter(({ id }) => guild.members.has(id));
  }

  /** What a user may do in a channel; in direct messages everything. Threads have the overwrites of their parent. */
  permissionsIn({ guild, thread, overwrites }: Channel, userId: string, nowMs: number): bigint {
    if (!guild) return allPermissions;
    const effective = thread ? (this.findChannel(thread.parentId)?.overwrites ?? []) : overwrites;
    return permissionsWith(effective, guild, userId, nowMs);
  }

  /** The applications whose bots hear what happens in that channel. */
  audience(channel: Channel): readonly Application[] {
    const { direct, guild, thread, type } = channel;
    if (direct) return [this.application(direct.applicationId)];
    const present = (guild ? this.applicationsIn(guild) : []).filter(
      ({ id }) => (this.permissionsIn(channel, id, 0) & permission.viewChannel) !== 0n,
    );
    return type === channelType.privateThread ? present.filter(({ id }) => thread?.members.has(id)) : present;
  }

  /** The people and bots named as `<@id>` in a text. */
  mentionedIn(content: string): readonly User[] {
    if (!content.includes('<@')) return [];
    const ids = new Set(Array.from(content.matchAll(/<@!?(\d+)>/g), ([, id]) => id ?? ''));
    return [...ids].flatMap((id) => this.usersById.get(id) ?? []);
  }
}

function found<Entity>(entity: Entity | undefined, kind: string, id: string): Entity {
  if (entity === undefined) throw new EmulatorError(404, `the emulator has no ${kind} ${id}`);
  return entity;
}
