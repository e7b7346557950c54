import type { Guild, Member, Overwrite, Role } from './model.ts';
import { overwriteType } from './model.ts';

/** What everybody may do, in Discord's bits: read, write, embed, attach, react, use commands and threads. */
export const ordinaryPermissions = '2248473465835073';

/** https://docs.discord.com/developers/topics/permissions#permissions-bitwise-permission-flags */
export const permission = {
  kickMembers: 1n << 1n,
  administrator: 1n << 3n,
  manageChannels: 1n << 4n,
  addReactions: 1n << 6n,
  viewChannel: 1n << 10n,
  sendMessages: 1n << 11n,
  manageMessages: 1n << 13n,
  attachFiles: 1n << 15n,
  readHistory: 1n << 16n,
  muteMembers: 1n << 22n,
  deafenMembers: 1n << 23n,
  moveMembers: 1n << 24n,
  changeNickname: 1n << 26n,
  manageNicknames: 1n << 27n,
  manageRoles: 1n << 28n,
  manageThreads: 1n << 34n,
  createPublicThreads: 1n << 35n,
  createPrivateThreads: 1n << 36n,
  sendInThreads: 1n << 38n,
  moderateMembers: 1n << 40n,
  pinMessages: 1n << 51n,
} as const;

/** Every permission that Discord documents. */
export const allPermissions = (1n << 53n) - 1n;

/** Of a member who may not write for a while. */
const timedOutPermissions = permission.viewChannel | permission.readHistory;

const rolesOf = (guild: Guild, { roleIds }: Member): readonly Role[] =>
  [guild.id, ...roleIds].flatMap((id) => guild.roles.get(id) ?? []);

/** What a user may do in a guild: nothing without being in it, everything as its owner or administrator. */
export function permissionsOf(guild: Guild, userId: string, nowMs: number): bigint {
  const member = guild.members.get(userId);
  if (!member) return 0n;
  if (guild.ownerId === userId) return allPermissions;
  const granted = rolesOf(guild, member).reduce((bits, role) => bits | BigInt(role.permissions), 0n);
  if ((granted & permission.administrator) !== 0n) return allPermissions;
  return (member.timedOutUntilMs ?? 0) > nowMs ? granted & timedOutPermissions : granted;
}

/** The same where overwrites take and give: those for everybody, then those for roles together, then the member's own. */
export function permissionsWith(overwrites: readonly Overwrite[], guild: Guild, userId: string, nowMs: number): bigint {
  const held = permissionsOf(guild, userId, nowMs);
  const member = guild.members.get(userId);
  if (!member || held === allPermissions || overwrites.length === 0) return held;
  const roles = overwrites.filter(({ id, type }) => type === overwriteType.role && member.roleIds.includes(id));
  const own = overwrites.filter(({ id, type }) => type === overwriteType.member && id === userId);
  const everybody = overwrites.filter(({ id }) => id === guild.id);
  return [everybody, roles, own].reduce(withOverwrites, held);
}

const withOverwrites = (held: bigint, overwrites: readonly Overwrite[]): bigint => {
  const all = (field: 'allow' | 'deny') => overwrites.reduce((bits, one) => bits | BigInt(one[field]), 0n);
  return (held & ~all('deny')) | all('allow');
};

/** Of two roles in the same position the older one is higher. */
const isHigher = (one: Role, other: Role): boolean =>
  one.position === other.position ? BigInt(one.id) < BigInt(other.id) : one.position > other.position;

/** Whether a role is below the highest one of a user; only such roles may be changed, given and taken. */
export function outranksRole(guild: Guild, userId: string, role: Role): boolean {
  const member = guild.members.get(userId);
  return guild.ownerId === userId || (member ? rolesOf(guild, member).some((own) => isHigher(own, role)) : false);
}

/** Whether every role of the other is below; only such members may be changed or removed. */
export function outranksMember(guild: Guild, userId: string, other: Member): boolean {
  if (guild.ownerId === other.user.id) return false;
  return rolesOf(guild, other).every((role) => role.id === guild.id || outranksRole(guild, userId, role));
}
