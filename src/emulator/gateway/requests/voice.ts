import { z } from 'zod';
import { channelType } from '../../world/model.ts';
import { isSnowflake } from '../../world/snowflake.ts';
import type { World } from '../../world/world.ts';
import type { Session } from '../session.ts';

const snowflake = z.string().refine(isSnowflake);
const voiceData = z.object({
  guild_id: snowflake,
  channel_id: snowflake.nullable(),
  self_mute: z.boolean().default(false),
  self_deaf: z.boolean().default(false),
});
const voiceTypes: readonly number[] = [channelType.voice, channelType.stage];

/**
 * Op 4. Where the bot cannot go nothing happens, and nothing is answered: no such voice channel, a full one, a guild of
 * another shard. False when it cannot be decoded.
 */
export function updateVoiceState(session: Session, d: unknown, world: World): boolean {
  const { data } = voiceData.safeParse(d);
  if (!data) return false;
  const { guild_id: guildId, channel_id: channelId, self_mute: selfMute, self_deaf: selfDeaf } = data;
  const guild = world.findGuild(guildId);
  const { bot } = session.application;
  if (!guild?.members.has(bot.id) || !session.serves(guildId)) return true;
  if (channelId !== null) {
    const channel = world.findChannel(channelId);
    if (channel?.guild !== guild || !voiceTypes.includes(channel.type)) return true;
    const others = [...guild.voiceStates.values()].filter(
      (state) => state.channelId === channelId && state.user !== bot,
    );
    if (channel.userLimit > 0 && others.length >= channel.userLimit) return true;
  }
  world.setVoiceState(guild, bot, { channelId, selfMute, selfDeaf, sessionId: session.id });
  return true;
}
