import type { FastifyRequest } from 'fastify';
import type { Application, Channel, Guild, Message } from '../world/model.ts';
import { channelType, isEphemeral } from '../world/model.ts';
import { permission, permissionsOf } from '../world/permissions.ts';
import type { ApiContext } from './context.ts';
import { authenticate } from './context.ts';
import {
  directChannelOnly,
  missingAccess,
  missingPermissions,
  unknownChannel,
  unknownGuild,
  unknownMessage,
} from './discord-error.ts';

type In<Params> = FastifyRequest<{ Params: Params }>;
export type GuildRequest = In<{ guildId: string }>;
export type ChannelRequest = In<{ channelId: string }>;
export type MemberRequest = In<{ guildId: string; userId: string }>;
export type MemberRoleRequest = In<{ guildId: string; userId: string; roleId: string }>;
export type RoleRequest = In<{ guildId: string; roleId: string }>;
export type OverwriteRequest = In<{ channelId: string; overwriteId: string }>;
export type ThreadMemberRequest = In<{ channelId: string; userId: string }>;
export type MessageRequest = In<{ channelId: string; messageId: string }>;

/** What of a request is looked at: routes with more parameters fit, too. */
type Carrying<Params> = Pick<FastifyRequest, 'headers'> & { readonly params: Params };
type GuildParams = Carrying<{ readonly guildId: string }>;
type ChannelParams = Carrying<{ readonly channelId: string }>;
type MessageParams = Carrying<{ readonly channelId: string; readonly messageId: string }>;

export type InGuild = { readonly application: Application; readonly guild: Guild };
export type InChannel = { readonly application: Application; readonly channel: Channel };
export type InGuildChannel = InChannel & InGuild;

/** Who may go where and do what there. Each method throws the DiscordError that Discord would answer. */
export class Access {
  readonly #context: ApiContext;

  constructor(context: ApiContext) {
    this.#context = context;
  }

  /** A guild that the bot is in. @throws DiscordError 10004, 50001, 50013 */
  guild(request: GuildParams, ...needed: readonly bigint[]): InGuild {
    const application = authenticate(this.#context, request);
    const guild = this.#context.world.findGuild(request.params.guildId);
    if (!guild) throw unknownGuild();
    if (!guild.members.has(application.id)) throw missingAccess();
    this.require(application, guild, ...needed);
    return { application, guild };
  }

  /** A channel that the bot sees. @throws DiscordError 10003, 50001, 50013 */
  channel(request: ChannelParams, ...needed: readonly bigint[]): InChannel {
    const application = authenticate(this.#context, request);
    const channel = this.#context.world.findChannel(request.params.channelId);
    if (!channel) throw unknownChannel();
    if (!this.sees(application, channel)) throw missingAccess();
    this.requireIn(channel, application, ...needed);
    return { application, channel };
  }

  /** A channel that is no direct one. @throws DiscordError 10003, 50001, 50003, 50013 */
  guildChannel(request: ChannelParams, ...needed: readonly bigint[]): InGuildChannel {
    const { application, channel } = this.channel(request, ...needed);
    if (!channel.guild) throw directChannelOnly();
    return { application, channel, guild: channel.guild };
  }

  /** @throws DiscordError 10008 besides those of the channel */
  message(request: MessageParams, ...needed: readonly bigint[]): InChannel & { readonly message: Message } {
    const found = this.channel(request, ...needed);
    const message = this.#context.world.findMessage(found.channel, request.params.messageId);
    if (!message || isEphemeral(message)) throw unknownMessage();
    return { ...found, message };
  }

  /** @throws DiscordError 50013 */
  require({ id }: Application, guild: Guild, ...needed: readonly bigint[]): void {
    const held = this.permissions(id, guild);
    if (needed.some((bit) => (held & bit) === 0n)) throw missingPermissions();
  }

  /** The same with the channel's overwrites. @throws DiscordError 50013 */
  requireIn(channel: Channel, application: Application, ...needed: readonly bigint[]): void {
    if (needed.some((bit) => !this.may(application, channel, bit))) throw missingPermissions();
  }

  permissions(userId: string, guild: Guild): bigint {
    return permissionsOf(guild, userId, this.#context.clock.wallMs());
  }

  /** Of a channel of a guild, or of direct messages. */
  may(application: Application, channel: Channel, needed: bigint): boolean {
    const { world, clock } = this.#context;
    return (world.permissionsIn(channel, application.id, clock.wallMs()) & needed) !== 0n;
  }

  sees(application: Application, channel: Channel): boolean {
    const { direct, thread, type } = channel;
    if (direct) return direct.applicationId === application.id;
    const isInvited = type !== channelType.privateThread || thread?.members.has(application.id);
    return this.may(application, channel, isInvited ? permission.viewChannel : permission.manageThreads);
  }
}
