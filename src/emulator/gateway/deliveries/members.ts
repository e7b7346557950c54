import { randomBytes } from 'node:crypto';
import type { WorldEvent } from '../../world/event.ts';
import type { Application, Guild, Member } from '../../world/model.ts';
import { toThreadMember } from '../../world/payload/channel.ts';
import type { Json } from '../../world/payload/json.ts';
import { toMember } from '../../world/payload/member.ts';
import { toPresence } from '../../world/payload/presence.ts';
import { toUser } from '../../world/payload/user.ts';
import { toVoiceState } from '../../world/payload/voice-state.ts';
import type { World } from '../../world/world.ts';
import type { Delivery } from '../delivery.ts';
import { once } from '../delivery.ts';
import { intent } from '../intents.ts';

type OfMember = Extract<
  WorldEvent,
  {
    readonly type: 'member-added' | 'member-updated' | 'member-removed' | 'thread-members' | 'voice-state' | 'presence';
  }
>;

/** Nobody is there, and the name says why. */
const voiceEndpoint = 'voice-is-not-emulated.invalid:443';

/** Who is in a guild, in a thread, in a voice channel; who is online. */
export function memberDeliveries(event: OfMember, world: World): readonly Delivery[] {
  switch (event.type) {
    case 'thread-members':
      return threadMembers(event, world);
    case 'voice-state':
      return voice(event, world);
    case 'presence':
      return presence(event, world);
    default:
      return membership(event, world);
  }
}

const of = (guild: Guild, wanted: number) => ({ guildId: guild.id, intent: wanted });

/** A bot is not told that it came or went itself: the whole guild did. */
function membership(
  { type, guild, member: { user } }: Extract<OfMember, { readonly member: Member; readonly type: `member-${string}` }>,
  world: World,
): readonly Delivery[] {
  const present = world.applicationsIn(guild);
  const others = present.filter(({ id }) => id !== user.id);
  const toOthers = (name: string, make: () => Json): Delivery => ({
    ...of(guild, intent.guildMembers),
    event: name,
    audience: others,
    data: once(make),
  });
  switch (type) {
    case 'member-added':
      return [toOthers('GUILD_MEMBER_ADD', () => ({ ...toMember(user, guild), guild_id: guild.id }))];
    case 'member-removed':
      return [toOthers('GUILD_MEMBER_REMOVE', () => ({ guild_id: guild.id, user: toUser(user) }))];
    case 'member-updated': {
      const forOthers = toOthers('GUILD_MEMBER_UPDATE', () => ({ ...toMember(user, guild), guild_id: guild.id }));
      // Without any intent (gateway documentation, Caveats).
      return [forOthers, { ...forOthers, intent: 0, audience: present.filter(({ id }) => id === user.id) }];
    }
  }
}

/** With the members intent of everybody, without it of oneself. */
function threadMembers(
  { channel, added, removed }: Extract<OfMember, { type: 'thread-members' }>,
  world: World,
): readonly Delivery[] {
  const { guild, thread } = channel;
  if (!guild || !thread) return [];
  const data = once(() => ({
    id: channel.id,
    guild_id: guild.id,
    member_count: Math.min(thread.members.size, 50),
    ...(added.length === 0
      ? {}
      : {
          added_members: added.map((user) => ({
            ...toThreadMember(user.id, channel),
            member: toMember(user, guild),
            presence: toPresence(user, world.presenceOf(user)),
          })),
        }),
    ...(removed.length === 0 ? {} : { removed_member_ids: removed.map(({ id }) => id) }),
  }));
  const isConcerned = ({ id }: Application): boolean => [...added, ...removed].some((user) => user.id === id);
  const audience = [...new Set([...world.audience(channel), ...world.applicationsIn(guild).filter(isConcerned)])];
  const common = { event: 'THREAD_MEMBERS_UPDATE', data };
  return [
    { ...common, ...of(guild, intent.guildMembers), audience: audience.filter((one) => !isConcerned(one)) },
    { ...common, ...of(guild, intent.guilds), audience: audience.filter(isConcerned) },
  ];
}

/** A bot that goes to a channel is also told of a voice server. */
function voice(
  { guild, member, state, hasMoved }: Extract<OfMember, { type: 'voice-state' }>,
  world: World,
): readonly Delivery[] {
  const { user } = member;
  const data = once(() => ({ ...toVoiceState(state, guild), guild_id: guild.id, member: toMember(user, guild) }));
  const update = {
    ...of(guild, intent.guildVoiceStates),
    event: 'VOICE_STATE_UPDATE',
    audience: world.applicationsIn(guild),
    data,
  };
  const application = world.findApplication(user.id);
  if (!application || !hasMoved || state.channelId === null) return [update];
  const server = () => ({ token: randomBytes(8).toString('hex'), guild_id: guild.id, endpoint: voiceEndpoint });
  const { sessionId } = state;
  return [
    update,
    { ...of(guild, 0), event: 'VOICE_SERVER_UPDATE', audience: [application], sessionId, data: once(server) },
  ];
}

/** In each guild where somebody is. */
const presence = (
  { user, presence: shown }: Extract<OfMember, { type: 'presence' }>,
  world: World,
): readonly Delivery[] =>
  world
    .guilds()
    .filter(({ members }) => members.has(user.id))
    .map((guild) => ({
      ...of(guild, intent.guildPresences),
      event: 'PRESENCE_UPDATE',
      audience: world.applicationsIn(guild),
      data: once(() => ({ ...toPresence(user, shown), guild_id: guild.id })),
    }));
