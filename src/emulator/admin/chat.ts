import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Emulator } from '../emulator.ts';
import { channelView, guildView, membersOf, messageView, personView } from '../page/to-view.ts';
import { parse } from './form.ts';

export const text = z.string().min(1).max(2000);
export const name = z.string().min(1).max(32);
export const author = name.optional();

const say = z.object({
  channelId: z.string(),
  author,
  content: text,
  mention: z.string().optional(),
  replyTo: z.string().optional(),
});
const directMessage = z.object({ applicationId: z.string(), author, content: text });
const directChannel = z.object({ applicationId: z.string(), author });
const person = z.object({ name });
const someone = z.object({ author });
const change = z.object({ author, content: text });
const reaction = z.object({ author, emoji: z.string().min(1).max(40) });
const newGuild = z.object({
  name: z.string().min(2).max(100),
  applicationIds: z.array(z.string()).max(100).default([]),
});
const newChannel = z.object({ name: z.string().min(1).max(100) });
const newMember = z.object({ applicationId: z.string().optional(), name: name.optional() });

type InGuild = FastifyRequest<{ Params: { guildId: string } }>;
type InChannel = FastifyRequest<{ Params: { channelId: string; messageId: string } }>;

/** Where people meet, and what they write there. */
export function chatRoutes(admin: FastifyInstance, emulator: Emulator): void {
  const { world, people } = emulator;
  const here = (request: InChannel, wanted: z.infer<typeof someone>) => {
    const channel = world.channel(request.params.channelId);
    return { channel, messageId: request.params.messageId, user: people.join(channel, wanted.author) };
  };

  admin.get('/people', () => world.people().map(personView));
  admin.post('/people', (request) => personView(world.person(parse(person, request.body).name)));

  admin.get('/guilds', () => world.guilds().map(guildView));
  admin.post('/guilds', (request) => {
    const { name: title, applicationIds } = parse(newGuild, request.body);
    const bots = applicationIds.map((id) => world.application(id).bot);
    return guildView(world.createGuild({ name: title, owner: world.person('you'), members: bots }));
  });
  admin.post('/guilds/:guildId/channels', (request: InGuild) =>
    channelView(world.createChannel(world.guild(request.params.guildId), parse(newChannel, request.body)), world),
  );
  admin.post('/guilds/:guildId/members', (request: InGuild) => {
    const { applicationId, name: given } = parse(newMember, request.body);
    const user = applicationId === undefined ? world.person(given ?? 'you') : world.application(applicationId).bot;
    world.addMember(world.guild(request.params.guildId), user);
    return personView(user);
  });

  admin.get('/channels', () => world.channels().map((channel) => channelView(channel, world)));
  admin.post('/direct-channels', (request) => {
    const wanted = parse(directChannel, request.body);
    const application = world.application(wanted.applicationId);
    return channelView(world.direct(application, world.person(wanted.author ?? 'you')), world);
  });
  admin.get('/channels/:channelId/members', (request: InChannel) =>
    membersOf(world.channel(request.params.channelId), world),
  );
  admin.post('/channels/:channelId/typing', (request: InChannel) => {
    const { channel, user } = here(request, parse(someone, request.body));
    world.announceTyping(channel, user);
    return personView(user);
  });

  admin.get('/channels/:channelId/messages', (request: InChannel) =>
    emulator.messages(request.params.channelId).map(messageView),
  );
  admin.post('/say', (request) => messageView(emulator.say(parse(say, request.body))));
  admin.post('/direct-messages', (request) => messageView(emulator.directMessage(parse(directMessage, request.body))));
  admin.patch('/channels/:channelId/messages/:messageId', (request: InChannel) => {
    const wanted = parse(change, request.body);
    const { channel, messageId, user } = here(request, wanted);
    return messageView(people.rewrite(channel, messageId, user, wanted.content));
  });
  admin.delete('/channels/:channelId/messages/:messageId', (request: InChannel) => {
    const { channel, messageId, user } = here(request, parse(someone, request.body ?? {}));
    people.erase(channel, messageId, user);
    return { deleted: messageId };
  });

  const reactions = '/channels/:channelId/messages/:messageId/reactions';
  admin.post(reactions, (request: InChannel) => {
    const wanted = parse(reaction, request.body);
    const { channel, messageId, user } = here(request, wanted);
    return messageView(people.react(channel, messageId, user, wanted.emoji));
  });
  admin.delete(reactions, (request: InChannel) => {
    const wanted = parse(reaction, request.body);
    const { channel, messageId, user } = here(request, wanted);
    return messageView(people.unreact(channel, messageId, user, wanted.emoji));
  });
}
