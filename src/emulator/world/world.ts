import { EmulatorError } from '../errors.ts';
import type { Application, Guild, Member, Presence, Role, User } from './model.ts';
import { channelType } from './model.ts';
import { ordinaryPermissions, permission } from './permissions.ts';
import { Places } from './places.ts';
import { mintToken } from './token.ts';

export type ApplicationOptions = {
  readonly name?: string | undefined;
  /** How many guilds its bot is in; 1 by default. */
  readonly guilds?: number | undefined;
  /** Text channels per guild; 1 by default. */
  readonly channels?: number | undefined;
  /** Members per guild, the bot and the owner included; those two by default. */
  readonly members?: number | undefined;
  /** Bits of privileged intents (members 2, presences 256, message content 32768) switched on; none by default. */
  readonly privilegedIntents?: number | undefined;
  /** Bits that its guilds grant the bot, as a number in decimal digits; administrator (8) by default. */
  readonly permissions?: string | undefined;
};

export type GuildOptions = {
  readonly name: string;
  readonly owner: User;
  /** Text channels; 1 by default. */
  readonly channels?: number | undefined;
  /** Besides the owner; a bot is a member as its `Application.bot`. */
  readonly members?: readonly User[] | undefined;
};

export type RoleOptions = Partial<Omit<Role, 'id' | 'position' | 'botId'>>;
export type MemberChange = Partial<Pick<Member, 'nick' | 'roleIds' | 'timedOutUntilMs' | 'deaf' | 'mute'>>;
const offline: Presence = { status: 'offline', activities: [] };
const noRoles: readonly string[] = [];

/** The emulated Discord itself: who and what exists. Every change is published once, after it happened. */
export class World extends Places {
  readonly #presences = new Map<string, Presence>();
  readonly #guildIds = new Map<string, string[]>();

  createApplication(options: ApplicationOptions = {}): Application {
    const { permissions = String(permission.administrator) } = options;
    if (!/^\d{1,19}$/.test(permissions))
      throw new EmulatorError(400, `permissions are bits in decimal digits, such as 8, not ${permissions}`);
    const id = this.ids.next();
    const name = options.name ?? `bot-${this.applicationsById.size + 1}`;
    const guildIds: string[] = [];
    const world = this;
    const application: Application = {
      id,
      name,
      bot: { id, name, bot: true },
      owner: this.person('you'),
      token: mintToken(id),
      guildIds,
      get channelIds() {
        return guildIds.flatMap((guildId) => world.#textChannelsOf(world.guild(guildId)));
      },
      privilegedIntents: options.privilegedIntents ?? 0,
      permissions,
      commands: [],
    };
    this.#guildIds.set(id, guildIds);
    this.usersById.set(id, application.bot);
    this.applicationsById.set(id, application);
    this.applicationsByToken.set(application.token, application);
    const others = Array.from({ length: (options.members ?? 2) - 2 }, (_, index) => this.person(`member ${index + 1}`));
    for (let index = 1; index <= (options.guilds ?? 1); index++)
      this.createGuild({
        name: `${name} guild ${index}`,
        owner: application.owner,
        channels: options.channels,
        members: [application.bot, ...others],
      });
    return application;
  }

  #textChannelsOf({ channelIds }: Guild): readonly string[] {
    const texts: readonly number[] = [channelType.text, channelType.announcement];
    return channelIds.filter((id) => texts.includes(this.channel(id).type));
  }

  /** The old token is worthless from here on. */
  resetToken(application: Application): void {
    this.applicationsByToken.delete(application.token);
    application.token = mintToken(application.id);
    this.applicationsByToken.set(application.token, application);
  }

  /** The person of that name, who comes to be when first named. */
  person(name: string): User {
    const known = this.peopleByName.get(name);
    if (known) return known;
    const user: User = { id: this.ids.next(), name, bot: false };
    this.peopleByName.set(name, user);
    this.usersById.set(user.id, user);
    return user;
  }

  renameBot(application: Application, name: string): void {
    application.bot.name = name;
    this.publish({ type: 'self-updated', application });
  }

  presenceOf(user: User): Presence {
    return this.#presences.get(user.id) ?? offline;
  }

  setPresence(user: User, presence: Presence): void {
    this.#presences.set(user.id, presence);
    this.publish({ type: 'presence', user, presence });
  }

  /** Its applications hear of the whole guild at once. */
  createGuild({ name, owner, channels = 1, members = [] }: GuildOptions): Guild {
    const id = this.ids.nextGuild();
    const guild: Guild = {
      id,
      name,
      ownerId: owner.id,
      channelIds: [],
      threadIds: [],
      members: new Map(),
      roles: new Map([[id, toRole(id, { name: '@everyone' }, 0)]]),
      voiceStates: new Map(),
    };
    this.guildsById.set(id, guild);
    for (let index = 1; index <= channels; index++)
      this.addChannel(guild, { name: index === 1 ? 'general' : `channel-${index}` });
    for (const user of [owner, ...members]) this.#enter(guild, user);
    for (const application of this.applicationsIn(guild)) this.publish({ type: 'guild-joined', guild, application });
    return guild;
  }

  updateGuild(guild: Guild, change: Partial<Pick<Guild, 'name'>>): void {
    Object.assign(guild, change);
    this.publish({ type: 'guild-updated', guild });
  }

  deleteGuild(guild: Guild): void {
    const applications = this.applicationsIn(guild);
    this.guildsById.delete(guild.id);
    for (const id of [...guild.channelIds, ...guild.threadIds]) this.channelsById.delete(id);
    for (const application of applications) this.#forgetGuild(application, guild);
  }

  createRole(guild: Guild, options: RoleOptions = {}): Role {
    const role = toRole(this.ids.next(), options, 1);
    guild.roles.set(role.id, role);
    this.publish({ type: 'role-created', guild, role });
    return role;
  }

  updateRole(guild: Guild, role: Role, change: RoleOptions & Partial<Pick<Role, 'position'>>): void {
    Object.assign(role, change);
    this.publish({ type: 'role-updated', guild, role });
  }

  deleteRole(guild: Guild, role: Role): void {
    guild.roles.delete(role.id);
    this.publish({ type: 'role-deleted', guild, role });
    for (const member of guild.members.values())
      if (member.roleIds.includes(role.id))
        this.updateMember(guild, member, { roleIds: member.roleIds.filter((id) => id !== role.id) });
  }

  /** A person joins, or a bot is invited; nothing happens when it is there already. */
  addMember(guild: Guild, user: User): Member {
    const known = guild.members.get(user.id);
    if (known) return known;
    const member = this.#enter(guild, user);
    const application = this.findApplication(user.id);
    if (application) this.publish({ type: 'guild-joined', guild, application });
    this.publish({ type: 'member-added', guild, member });
    return member;
  }

  /** A bot brings a role with what it is granted. */
  #enter(guild: Guild, user: User): Member {
    const application = this.findApplication(user.id);
    const granted = application ? toRole(this.ids.next(), application, 1, user.id) : null;
    if (granted) guild.roles.set(granted.id, granted);
    const member: Member = {
      user,
      joinedMs: this.clock.wallMs(),
      nick: null,
      roleIds: granted ? [granted.id] : noRoles,
      timedOutUntilMs: null,
      deaf: false,
      mute: false,
    };
    if (!guild.members.has(user.id)) this.#guildIds.get(user.id)?.push(guild.id);
    guild.members.set(user.id, member);
    return member;
  }

  updateMember(guild: Guild, member: Member, change: MemberChange): void {
    Object.assign(member, change);
    this.publish({ type: 'member-updated', guild, member });
    const state = guild.voiceStates.get(member.user.id);
    if (state && ('deaf' in change || 'mute' in change))
      this.publish({ type: 'voice-state', guild, member, state, hasMoved: false });
  }

  /** Leaves, or is kicked. The owner stays. */
  removeMember(guild: Guild, user: User): void {
    const member = guild.members.get(user.id);
    if (!member || user.id === guild.ownerId) return;
    this.setVoiceState(guild, user, { channelId: null });
    guild.members.delete(user.id);
    const application = this.findApplication(user.id);
    for (const role of guild.roles.values()) if (role.botId === user.id) guild.roles.delete(role.id);
    if (application) this.#forgetGuild(application, guild);
    this.publish({ type: 'member-removed', guild, member });
  }

  #forgetGuild(application: Application, guild: Guild): void {
    const ids = this.#guildIds.get(application.id);
    ids?.splice(ids.indexOf(guild.id), 1);
    this.publish({ type: 'guild-left', guild, application });
  }
}

const toRole = (
  id: string,
  { name, color, hoist, mentionable, permissions }: RoleOptions,
  position: number,
  botId: string | null = null,
): Role => ({
  id,
  name: name ?? 'new role',
  color: color ?? 0,
  hoist: hoist ?? false,
  mentionable: mentionable ?? false,
  permissions: permissions ?? ordinaryPermissions,
  position,
  botId,
});
