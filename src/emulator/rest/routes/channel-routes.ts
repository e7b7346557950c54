import type { FastifyInstance } from 'fastify';
import type { Guild } from '../../world/model.ts';
import { channelType } from '../../world/model.ts';
import { toChannel } from '../../world/payload/channel.ts';
import { permission } from '../../world/permissions.ts';
import type { ChannelChange } from '../../world/places.ts';
import type { ChannelRequest, GuildRequest, OverwriteRequest } from '../access.ts';
import { Access } from '../access.ts';
import type { ChannelSettings } from '../body/channel.ts';
import { channelChange, channelName, newChannel, overwriteFields, threadChange } from '../body/channel.ts';
import { given } from '../body/given.ts';
import { uploadOf } from '../body/upload.ts';
import type { ApiContext } from '../context.ts';
import { DiscordError, invalidForm, parse } from '../discord-error.ts';

const mostChannels = 500;

/** Channels and threads: made, read, changed, deleted. Messages are elsewhere. */
export function channelRoutes(api: FastifyInstance, context: ApiContext): void {
  const { world, rateLimits } = context;
  const access = new Access(context);

  const changeIn = (settings: ChannelSettings, guild: Guild): ChannelChange => {
    const { topic, nsfw, rate_limit_per_user: slowmode, parent_id: parentId, user_limit: userLimit } = settings;
    const { position, permission_overwrites: overwrites } = settings;
    if (parentId && world.findChannel(parentId)?.guild !== guild) throw noCategory();
    if (parentId && world.findChannel(parentId)?.type !== channelType.category) throw noCategory();
    return given({
      topic,
      parentId,
      nsfw: nsfw ?? undefined,
      slowmodeSeconds: slowmode,
      userLimit,
      position: position ?? undefined,
      overwrites,
    });
  };

  api.post('/guilds/:guildId/channels', (request: GuildRequest, reply) => {
    const { guild } = access.guild(request, permission.manageChannels);
    const { name, type, ...settings } = parse(newChannel, uploadOf(request.body).fields);
    if (guild.channelIds.length >= mostChannels)
      throw new DiscordError(400, 30013, `Maximum number of guild channels reached (${mostChannels})`);
    const { position, ...options } = changeIn(settings, guild);
    const channel = world.createChannel(guild, { ...options, name: channelName(name, type), type });
    if (position !== undefined) world.updateChannel(channel, { position });
    return reply.code(201).send(toChannel(channel));
  });

  api.get('/channels/:channelId', (request: ChannelRequest) => toChannel(access.channel(request).channel));

  api.patch('/channels/:channelId', (request: ChannelRequest, reply) => {
    const { application, channel, guild } = access.guildChannel(request);
    const { fields } = uploadOf(request.body);
    if (channel.thread) {
      const { thread } = channel;
      const {
        name,
        auto_archive_duration: minutes,
        rate_limit_per_user: slowmode,
        ...state
      } = parse(threadChange, fields);
      if (thread.ownerId !== application.id) access.requireIn(channel, application, permission.manageThreads);
      world.updateThread(channel, given({ ...state, name, autoArchiveMinutes: minutes, slowmodeSeconds: slowmode }));
      return toChannel(channel);
    }
    const { name, ...settings } = parse(channelChange, fields);
    const needed = settings.permission_overwrites ? [permission.manageRoles] : [];
    access.requireIn(channel, application, permission.manageChannels, ...needed);
    const change = changeIn(settings, guild);
    if (name !== undefined || change.topic !== undefined) rateLimits.takeRename(reply, channel.id);
    world.updateChannel(channel, given({ ...change, name: name && channelName(name, channel.type) }));
    return toChannel(channel);
  });

  /** Direct messages are only closed: they stay, with all that is in them. */
  api.delete('/channels/:channelId', (request: ChannelRequest) => {
    const { application, channel } = access.channel(request);
    const { guild, thread } = channel;
    if (!guild) return toChannel(channel);
    access.requireIn(channel, application, thread ? permission.manageThreads : permission.manageChannels);
    world.deleteChannel(channel);
    return toChannel(channel);
  });

  api.put('/channels/:channelId/permissions/:overwriteId', (request: OverwriteRequest, reply) => {
    const { channel } = access.guildChannel(request, permission.manageRoles);
    const { overwriteId } = request.params;
    const overwrite = { id: overwriteId, ...parse(overwriteFields, uploadOf(request.body).fields) };
    const others = channel.overwrites.filter(({ id }) => id !== overwriteId);
    world.updateChannel(channel, { overwrites: [...others, overwrite] });
    return reply.code(204).send();
  });
  api.delete('/channels/:channelId/permissions/:overwriteId', (request: OverwriteRequest, reply) => {
    const { channel } = access.guildChannel(request, permission.manageRoles);
    const others = channel.overwrites.filter(({ id }) => id !== request.params.overwriteId);
    if (others.length === channel.overwrites.length) throw new DiscordError(404, 10009, 'Unknown Overwrite');
    world.updateChannel(channel, { overwrites: others });
    return reply.code(204).send();
  });
}

const noCategory = (): DiscordError =>
  invalidForm([
    { path: ['parent_id'], problem: { code: 'CHANNEL_PARENT_INVALID', message: 'Category does not exist' } },
  ]);
