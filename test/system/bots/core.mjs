import {
  ButtonStyle,
  Client,
  ComponentType,
  GatewayDispatchEvents,
  GatewayIntentBits,
  InteractionType,
} from '@discordjs/core';
import { REST } from '@discordjs/rest';
import { CompressionMethod, WebSocketManager, WebSocketShardEvents } from '@discordjs/ws';

/* oxlint-disable no-floating-promises, no-misused-promises -- as people write bots: what is rejected ends the process */

/** An ordinary bot on @discordjs/core. It tells what it hears on standard output, one JSON object per line. */
const { timer = false, privileged = false, intents = 0, compress = null } = JSON.parse(process.argv[2] ?? '{}');
const tell = (event, fields = {}) => process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
const compression = compress === 'zlib' ? CompressionMethod.ZlibNative : null;

const token = process.env.DISCORD_TOKEN;
const rest = new REST({ api: process.env.DISCORD_API }).setToken(token);
const gateway = new WebSocketManager({
  token,
  rest,
  compression,
  intents:
    GatewayIntentBits.Guilds |
    GatewayIntentBits.GuildMessages |
    GatewayIntentBits.GuildMessageReactions |
    GatewayIntentBits.GuildMessageTyping |
    GatewayIntentBits.GuildVoiceStates |
    GatewayIntentBits.DirectMessages |
    (privileged ? GatewayIntentBits.GuildMembers | GatewayIntentBits.MessageContent : 0) |
    intents,
});
const client = new Client({ rest, gateway });
if (timer) setInterval(() => {}, 60_000);

const waiting = new Set();
let name = '';
client.on(GatewayDispatchEvents.Ready, async ({ data, api }) => {
  name = data.user.username;
  for (const { id } of data.guilds) waiting.add(id);
  tell('connected', { name, guilds: waiting.size });
  await api.applicationCommands.bulkOverwriteGlobalCommands(
    data.application.id,
    ['ping', 'slow', 'panel'].map((command) => ({ name: command, description: `Answers with ${command}` })),
  );
  tell('registered');
});
let guilds = 0;
client.on(GatewayDispatchEvents.GuildCreate, ({ data }) => {
  guilds++;
  if (waiting.delete(data.id) && waiting.size === 0) tell('ready', { name, guilds });
});
client.on(GatewayDispatchEvents.Resumed, () => tell('resumed'));
gateway.on(WebSocketShardEvents.Closed, (code) => tell('closed', { code }));
client.on(GatewayDispatchEvents.MessageCreate, async ({ data, api }) => {
  if (data.author.bot) return;
  tell('message', { content: data.content });
  const [number] = /#\d+/.exec(data.content) ?? [];
  if (number)
    await api.channels.createMessage(data.channel_id, { content: number, message_reference: { message_id: data.id } });
});
client.on(GatewayDispatchEvents.MessageUpdate, ({ data }) => tell('message-updated', { content: data.content }));
client.on(GatewayDispatchEvents.MessageDelete, ({ data }) => tell('message-deleted', { id: data.id }));
client.on(GatewayDispatchEvents.MessageReactionAdd, ({ data }) => tell('reaction', { emoji: data.emoji.name }));
client.on(GatewayDispatchEvents.GuildMemberAdd, ({ data }) => tell('member', { name: data.user.username }));
client.on(GatewayDispatchEvents.TypingStart, ({ data }) => tell('typing', { id: data.user_id }));
client.on(GatewayDispatchEvents.VoiceStateUpdate, ({ data }) => tell('voice', { channelId: data.channel_id }));
client.on(GatewayDispatchEvents.InteractionCreate, async ({ data, api }) => {
  const { id, token: answer, application_id: application } = data;
  if (data.type === InteractionType.MessageComponent) {
    await api.interactions.updateMessage(id, answer, { content: 'pressed', components: [] });
    return tell('button', { id: data.data.custom_id });
  }
  if (data.data.name === 'ping') await api.interactions.reply(id, answer, { content: 'pong' });
  if (data.data.name === 'slow') {
    await api.interactions.defer(id, answer);
    await api.interactions.editReply(application, answer, { content: 'slow pong' });
    await api.interactions.followUp(application, answer, { content: 'and more' });
  }
  if (data.data.name === 'panel') {
    const button = { type: ComponentType.Button, custom_id: 'press', label: 'Press', style: ButtonStyle.Primary };
    const components = [{ type: ComponentType.ActionRow, components: [button] }];
    await api.interactions.reply(id, answer, { content: 'panel', components });
  }
  tell('command', { name: data.data.name });
});

gateway.connect();
