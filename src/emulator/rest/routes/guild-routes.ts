import type { FastifyInstance } from 'fastify';
import { toChannel } from '../../world/payload/channel.ts';
import { toGuild } from '../../world/payload/guild.ts';
import { toVoiceState } from '../../world/payload/voice-state.ts';
import type { GuildRequest, MemberRequest } from '../access.ts';
import { Access } from '../access.ts';
import type { ApiContext } from '../context.ts';
import { authenticate } from '../context.ts';
import { unknownVoiceState } from '../discord-error.ts';

const regions = [{ id: 'emulated', name: 'Emulated', optimal: true, deprecated: false, custom: false }];

/** Guilds, and who is in their voice channels. */
export function guildRoutes(api: FastifyInstance, context: ApiContext): void {
  const { world } = context;
  const access = new Access(context);

  api.get('/guilds/:guildId', (request: GuildRequest) => {
    const { guild } = access.guild(request);
    const { with_counts: withCounts } = request.query as { with_counts?: unknown };
    if (withCounts !== 'true') return toGuild(guild);
    const members = [...guild.members.values()];
    const online = members.filter(({ user }) => !['offline', 'invisible'].includes(world.presenceOf(user).status));
    return {
      ...toGuild(guild),
      approximate_member_count: members.length,
      approximate_presence_count: online.length,
    };
  });

  api.get('/voice/regions', (request) => {
    authenticate(context, request);
    return regions;
  });
  api.get('/guilds/:guildId/regions', (request: GuildRequest) => {
    access.guild(request);
    return regions;
  });
  api.get('/guilds/:guildId/voice-states/:userId', (request: MemberRequest) => {
    const { application, guild } = access.guild(request);
    const { userId } = request.params;
    const state = guild.voiceStates.get(userId === '@me' ? application.id : userId);
    if (!state) throw unknownVoiceState();
    return { ...toVoiceState(state, guild), guild_id: guild.id };
  });

  api.get('/guilds/:guildId/channels', (request: GuildRequest) => {
    const { guild } = access.guild(request);
    return guild.channelIds.map((id) => toChannel(world.channel(id)));
  });
}
