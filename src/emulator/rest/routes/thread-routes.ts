import type { FastifyInstance } from 'fastify';
import type { Channel } from '../../world/model.ts';
import { channelType } from '../../world/model.ts';
import { toChannel, toThreadMember } from '../../world/payload/channel.ts';
import { permission } from '../../world/permissions.ts';
import type { ChannelRequest, GuildRequest, InGuildChannel, MessageRequest, ThreadMemberRequest } from '../access.ts';
import { Access } from '../access.ts';
import { newThread } from '../body/channel.ts';
import { uploadOf } from '../body/upload.ts';
import type { ApiContext } from '../context.ts';
import { DiscordError, directChannelOnly, parse, unknownMember, wrongChannelType } from '../discord-error.ts';

/** Threads and who is in them. They are changed and deleted as channels. */
export function threadRoutes(api: FastifyInstance, context: ApiContext): void {
  const { world } = context;
  const access = new Access(context);

  const requireText = ({ type }: Channel): void => {
    if (type !== channelType.text && type !== channelType.announcement) throw wrongChannelType();
  };

  api.post('/channels/:channelId/messages/:messageId/threads', (request: MessageRequest, reply) => {
    const { application, channel, message } = access.message(request, permission.createPublicThreads);
    if (!channel.guild) throw directChannelOnly();
    requireText(channel);
    const { name, auto_archive_duration: minutes } = parse(newThread, uploadOf(request.body).fields);
    if (message.threadId !== null)
      throw new DiscordError(400, 160004, 'A thread has already been created for this message');
    const type = channel.type === channelType.announcement ? channelType.announcementThread : channelType.publicThread;
    const owner = application.bot;
    const thread = world.createThread(channel, {
      name,
      owner,
      type,
      message,
      autoArchiveMinutes: minutes ?? undefined,
    });
    return reply.code(201).send(toChannel(thread));
  });

  api.post('/channels/:channelId/threads', (request: ChannelRequest, reply) => {
    const { application, channel } = access.guildChannel(request);
    requireText(channel);
    const wanted = parse(newThread, uploadOf(request.body).fields);
    const type = wanted.type ?? channelType.privateThread;
    const isPublic = type === channelType.publicThread;
    access.requireIn(channel, application, isPublic ? permission.createPublicThreads : permission.createPrivateThreads);
    const thread = world.createThread(channel, {
      name: wanted.name,
      owner: application.bot,
      type,
      autoArchiveMinutes: wanted.auto_archive_duration ?? undefined,
    });
    return reply.code(201).send(toChannel(thread));
  });

  const enter = (request: ChannelRequest): InGuildChannel => {
    const entered = access.guildChannel(request);
    if (!entered.channel.thread) throw wrongChannelType();
    return entered;
  };
  const enterOpen = (request: ChannelRequest): InGuildChannel => {
    const entered = enter(request);
    if (entered.channel.thread?.archived) throw new DiscordError(400, 50083, 'Thread is archived');
    return entered;
  };

  api.get('/channels/:channelId/thread-members', (request: ChannelRequest) => {
    const { channel } = enter(request);
    return Array.from(channel.thread?.members.keys() ?? [], (userId) => toThreadMember(userId, channel));
  });
  api.get('/channels/:channelId/thread-members/:userId', (request: ThreadMemberRequest) => {
    const { application, channel } = enter(request);
    const userId = request.params.userId === '@me' ? application.id : request.params.userId;
    if (!channel.thread?.members.has(userId)) throw unknownMember();
    return toThreadMember(userId, channel);
  });
  api.put('/channels/:channelId/thread-members/:userId', (request: ThreadMemberRequest, reply) => {
    const { application, channel, guild } = enterOpen(request);
    const { userId } = request.params;
    const member = guild.members.get(userId === '@me' ? application.id : userId);
    if (!member) throw unknownMember();
    world.joinThread(channel, member.user);
    return reply.code(204).send();
  });
  api.delete('/channels/:channelId/thread-members/:userId', (request: ThreadMemberRequest, reply) => {
    const { application, channel, guild } = enterOpen(request);
    const { userId } = request.params;
    const isSelf = userId === '@me' || userId === application.id;
    if (!isSelf) access.requireIn(channel, application, permission.manageThreads);
    const member = guild.members.get(isSelf ? application.id : userId);
    if (!member) throw unknownMember();
    world.leaveThread(channel, member.user);
    return reply.code(204).send();
  });

  const listed = (threads: readonly Channel[], applicationId: string) => ({
    threads: threads.map(toChannel),
    members: threads
      .filter(({ thread }) => thread?.members.has(applicationId))
      .map((channel) => toThreadMember(applicationId, channel)),
  });
  api.get('/guilds/:guildId/threads/active', (request: GuildRequest) => {
    const { application, guild } = access.guild(request);
    const threads = guild.threadIds.map((id) => world.channel(id));
    return listed(
      threads.filter((channel) => !channel.thread?.archived && access.sees(application, channel)),
      application.id,
    );
  });
  api.get('/channels/:channelId/threads/archived/public', (request: ChannelRequest) => {
    const { application, channel, guild } = access.guildChannel(request, permission.readHistory);
    const threads = guild.threadIds
      .map((id) => world.channel(id))
      .filter(
        ({ type, thread }) => type !== channelType.privateThread && thread?.archived && thread.parentId === channel.id,
      );
    return { ...listed(threads, application.id), has_more: false };
  });
}
